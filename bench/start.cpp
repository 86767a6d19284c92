// Time from the start of a process to the end of its first training step (Adam, over a given batch of 32): with cold
// caches of hekla and the driver, and with the disk caches of an earlier start. The steps of models that step.cpp does not
// have are timed, too.
//   cmake --preset release && cmake --build build/release --target bench_start &&
//   build/release/bench/bench_start
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bench/support/measure.h"
#include "bench/support/models.h"
#include "bench/support/training.h"
#include "hekla.h"

namespace hekla::bench {

namespace {

namespace fs = std::filesystem;

constexpr auto model_of_child = "HEKLA_BENCH_FIRST_STEP";

// A separate folder for the disk caches of hekla and Mesa.
class Caches {
 public:
  Caches() : folder_(fs::temp_directory_path() / fmt::format("hekla-bench-{}", std::random_device()())) {
    empty();
  }
  ~Caches() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Caches(const Caches&) = delete;
  Caches& operator=(const Caches&) = delete;

  // Removes all caches. Mesa caches nothing where the folder does not exist, so it is created again.
  void empty() const {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "mesa");
  }

  // Runs this program as a child process; an environment variable makes it do a single step of a model.
  void start(const std::string& model) const {
    const std::string folder = folder_.string();
    const std::string command =
        fmt::format("{}={} HEKLA_PROFILE= HEKLA_CACHE='{}/hekla' MESA_SHADER_CACHE_DIR='{}/mesa' '{}'",
                    model_of_child, model, folder, folder, fs::read_symlink("/proc/self/exe").string());
    if (std::system(command.c_str()) != 0)
      throw Error("[bench_start] the process it started failed; see above.");
  }

 private:
  fs::path folder_;
};

constexpr std::string_view lstm_name = "lstm/";

Step step_of(const std::string& model) {
  if (model == "residual") return residual_step();
  if (model == "decoder") return decoder_step();
  if (model.starts_with(lstm_name)) return lstm_step(std::stoll(model.substr(lstm_name.size())));
  if (model == "softmax/sgd") return given_step(softmax_regression(), sgd(), 32);
  if (model == "mlp/sgd") return given_step(mlp(), sgd(), 32);
  if (model == "mlp/256") return given_step(mlp(), sgd(), 256);
  return given_step(model == "cnn" ? cnn() : mlp(), adam(), 32);
}

void first_step(const std::string& model) {
  const Step step = step_of(model);
  compile(step.build()).run();
  step.waited_for.to_vector();
}

}  // namespace

void add_benchmarks() {
  if (const char* model = std::getenv(model_of_child)) {
    first_step(model);
    std::exit(0);
  }
  for (const std::string model :
       {"mlp", "cnn", "lstm/10", "lstm/50", "lstm/200", "lstm/2000", "residual", "decoder"}) {
    add("start/cold/" + model, [model] {
      return Case{.run = [model, caches = std::make_shared<Caches>()](int steps) {
        for (int i = 0; i < steps; ++i) {
          caches->empty();
          caches->start(model);
        }
      }};
    });
    add("start/warm/" + model, [model] {
      return Case{.run = [model, caches = std::make_shared<Caches>()](int steps) {
        for (int i = 0; i < steps; ++i) caches->start(model);
      }};
    });
  }
  for (const std::string model : {"softmax/sgd", "mlp", "mlp/sgd", "mlp/256", "cnn", "lstm/10", "lstm/50",
                                  "lstm/200", "lstm/2000", "residual", "decoder"}) {
    add("step/" + model, [model] {
      const Step step = step_of(model);
      auto program = std::make_shared<Program>(compile(step.build()));
      return Case{.run = [=](int steps) {
        program->run({}, steps);
        step.waited_for.to_vector();
      }};
    });
  }
}

}  // namespace hekla::bench
