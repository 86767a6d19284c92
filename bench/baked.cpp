// Baked networks: one image of a batch of one, on one processor or on the device, and a whole process from its start to
// its first answer. `code_bytes` is what the stripped program is larger than its weights.
//   cmake --preset release && cmake --build build/release --target bench_baked &&
//   build/release/bench/bench_baked
#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>

#include "bench/support/measure.h"
#include "bench/support/training.h"
#include "hekla.h"

namespace hekla::bench {

namespace {

namespace fs = std::filesystem;

struct Kind {
  std::string name;
  BakeForm form;
  BakedWidth width;
  std::string options;
};

constexpr const char* program_text = R"(#include <memory>

#include "net.h"

static const float images[784] = {0.5f};

extern "C" float predict(int times) {
  static const auto network = std::make_unique<net::Network>();
  float scores[10] = {};
  for (int i = 0; i < times; ++i) network->predict(images, scores);
  return scores[0];
}

int main() { return predict(1) != predict(1); }
)";

// A folder with a baked network as a program and as a shared object.
class Baked {
 public:
  Baked(const Sequential& model, const Kind& kind)
      : folder_(fs::temp_directory_path() / fmt::format("hekla-bench-{}", std::random_device()())) {
    fs::create_directories(folder_);
    bake(model, folder_ / "net", {.form = kind.form, .width = kind.width, .most_inline_bytes = 1u << 30});
    std::ofstream(folder_ / "program.cpp") << program_text;
    const std::string library = kind.form == BakeForm::vulkan ? "-lvulkan" : "";
    for (const char* form : {"-o program", "-fPIC -shared -o program.so"})
      run(fmt::format("cd '{}' && c++ -O2 -std=c++17 {} program.cpp net.cpp {} {}", folder_.string(),
                      kind.options, form, library));
    run(fmt::format("strip '{}'", (folder_ / "program").string()));
    library_ = dlopen((folder_ / "program.so").c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) throw Error(fmt::format("[bench_baked] {}", dlerror()));
    predict_ = reinterpret_cast<float (*)(int)>(dlsym(library_, "predict"));
    predict_(1);
    std::int64_t numbers = 0;
    for (const Tensor& weight : model.weights()) numbers += weight.count();
    code_bytes_ =
        static_cast<double>(fs::file_size(folder_ / "program")) - 4.0 * static_cast<double>(numbers);
  }
  // The library stays loaded: threads of a driver may be in it.
  ~Baked() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Baked(const Baked&) = delete;
  Baked& operator=(const Baked&) = delete;

  void predict(int times) const { predict_(times); }
  void start() const { run(fmt::format("'{}'", (folder_ / "program").string())); }
  double code_bytes() const { return code_bytes_; }

 private:
  static void run(const std::string& command) {
    if (std::system(command.c_str()) != 0) throw Error(fmt::format("[bench_baked] failed: {}", command));
  }

  fs::path folder_;
  void* library_ = nullptr;
  float (*predict_)(int) = nullptr;
  double code_bytes_ = 0;
};

}  // namespace

void add_benchmarks() {
  const Kind kinds[] = {
      {"portable", BakeForm::cplusplus, BakedWidth::portable, ""},
      {"this_machine", BakeForm::cplusplus, BakedWidth::this_machine, "-march=native"},
      {"vulkan", BakeForm::vulkan, BakedWidth::portable, ""},
  };
  for (const std::string model : {"mlp", "cnn"}) {
    for (const Kind& kind : kinds) {
      const auto make = [=] { return std::make_shared<Baked>(model == "mlp" ? mlp() : cnn(), kind); };
      add(fmt::format("baked/image/{}/{}", model, kind.name), [=] {
        const auto baked = make();
        return Case{.run = [=](int steps) { baked->predict(steps); },
                    .counters = {{"code_bytes", baked->code_bytes()}}};
      });
      add(fmt::format("baked/process/{}/{}", model, kind.name), [=] {
        const auto baked = make();
        return Case{.run = [=](int steps) {
          for (int i = 0; i < steps; ++i) baked->start();
        }};
      });
    }
  }
}

}  // namespace hekla::bench
