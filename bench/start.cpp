// Time from the start of a process to the end of its first training step (the MLP, Adam, over a given batch):
// with cold caches of hekla and the driver, and with the disk caches of an earlier start.
//   cmake --preset release && cmake --build build/release --target bench_start &&
//   build/release/bench/bench_start
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "bench/support/measure.h"
#include "bench/support/training.h"
#include "hekla.h"

namespace hekla::bench {

namespace {

namespace fs = std::filesystem;

constexpr auto in_child = "HEKLA_BENCH_FIRST_STEP";

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

  // Runs this program as a child process; an environment variable makes it do a single step.
  void start() const {
    const std::string folder = folder_.string();
    const std::string command =
        fmt::format("{}=1 HEKLA_CACHE='{}/hekla' MESA_SHADER_CACHE_DIR='{}/mesa' '{}'", in_child, folder,
                    folder, fs::read_symlink("/proc/self/exe").string());
    if (std::system(command.c_str()) != 0)
      throw Error("[bench_start] the process it started failed; see above.");
  }

 private:
  fs::path folder_;
};

void first_step() {
  const Step step = given_step(mlp(), adam(), 32);
  compile(step.build()).run();
  step.waited_for.to_vector();
}

}  // namespace

void add_benchmarks() {
  if (std::getenv(in_child)) {
    first_step();
    std::exit(0);
  }
  add("start/cold", [] {
    return Case{.run = [caches = std::make_shared<Caches>()](int steps) {
      for (int i = 0; i < steps; ++i) {
        caches->empty();
        caches->start();
      }
    }};
  });
  add("start/warm", [] {
    return Case{.run = [caches = std::make_shared<Caches>()](int steps) {
      for (int i = 0; i < steps; ++i) caches->start();
    }};
  });
}

}  // namespace hekla::bench
