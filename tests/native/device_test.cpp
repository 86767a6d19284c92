// The native device: its compiler, its cache, its threads.
#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "autodiff/grad.h"
#include "backends/native/evaluator.h"
#include "graph/run/program.h"
#include "ops/ops.h"
#include "tests/compiler/models.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/temporary_folder.h"

namespace hekla::testing {

namespace {

namespace fs = std::filesystem;
using native::NativeDevice;
using test::TemporaryFolder;

// Sets an environment variable while it lives.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = getenv(name)) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() {
    if (before_)
      setenv(name_, before_->c_str(), 1);
    else
      unsetenv(name_);
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

double nothing(std::span<const double>, DType) { return 0; }

std::vector<float> computed(const Tensor& x, const std::shared_ptr<Evaluator>& device) {
  return evaluate({.outputs = {x}}, device)[0].to_vector();
}

std::vector<float> trained(Model model, const std::shared_ptr<Evaluator>& device) {
  TrainingStep step(model, 0.9);
  Program program = compile(step.computation(), device);
  program.run(3);
  std::vector<float> all;
  for (const Update& update : step.computation().updates) {
    const std::vector<float> one = update.variable.to_vector();
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_SUITE("native") {
  TEST_CASE("the same bits for every number of threads") {
    for (const Model model : {Model::softmax, Model::mlp}) {
      const std::vector<float> one =
          trained(model, std::make_shared<NativeDevice>(native::DeviceOptions{.threads = 1}));
      for (const int threads : {2, 3, 7})
        CHECK(trained(model, std::make_shared<NativeDevice>(native::DeviceOptions{.threads = threads})) ==
              one);
    }
    const auto convolved = [](int threads) {
      const Tensor x = reshape(sin(counted({2 * 20 * 20 * 16})), {2, 20, 20, 16});
      const Tensor w = reshape(cos(counted({3 * 3 * 16 * 24})), {3, 3, 16, 24});
      const auto gradients = grad(sum(square(relu(conv2d(x, w)))), {x, w});
      const auto device = std::make_shared<NativeDevice>(native::DeviceOptions{.threads = threads});
      std::vector<float> all = computed(gradients[0], device);
      const std::vector<float> second = computed(softmax(gradients[1]), device);
      all.insert(all.end(), second.begin(), second.end());
      return all;
    };
    const std::vector<float> one = convolved(1);
    for (const int threads : {2, 5}) CHECK(convolved(threads) == one);
  }

  TEST_CASE("threads meet at barriers, again and again") {
    native::Threads threads(4);
    std::atomic<int> sum = 0;
    bool is_right = true;
    for (int run = 1; run <= 50; ++run) {
      threads.run(
          [&](int thread) {
            for (int turn = 0; turn < 20; ++turn) {
              sum += thread;
              threads.barrier();
              if (thread == 0) is_right = is_right && sum == 6 * (20 * (run - 1) + turn + 1);
              threads.barrier();
            }
          },
          4);
    }
    CHECK(is_right);
    CHECK(sum == 6 * 20 * 50);
  }

  TEST_CASE("without a compiler the error says what to install") {
    const TemporaryFolder cache;
    const Environment folder("HEKLA_CACHE", cache.path().string());
    const auto device = std::make_shared<NativeDevice>();
    {
      const Environment none("CXX", "/nowhere/c++");
      const std::string text = error_of([&] { computed(counted({3}) * 2.5f, device); });
      CHECK(contains(text, "found no CXX '/nowhere/c++'"));
      CHECK(contains(text, "apt install g++"));
    }
    {
      const Environment none("PATH", "/nowhere"), unset("CXX", "");
      CHECK(
          contains(error_of([&] { computed(counted({3}) * 2.5f, device); }), "none of c++, g++ and clang++"));
    }
    {
      const Environment failing("CXX", "/bin/false");
      CHECK(
          contains(error_of([&] { computed(counted({3}) * 2.5f, device); }), "[native] the compiler failed"));
    }
    CHECK(computed(counted({3}) * 2.5f, device) == std::vector<float>{0, 2.5, 5});
  }

  TEST_CASE("a mistake in an author's text is told with its operation and line") {
    const Op expression{.name = "mine",
                        .kind = Kind::elementwise,
                        .arity = 1,
                        .infer = same_as_operands,
                        .glsl = "no_such_function({0})",
                        .eval = nothing};
    const std::string first = error_of([&] { computed(apply(expression, {counted({3})}), native_device()); });
    CHECK(contains(first, "[mine] its GLSL does not compile as C++"));
    CHECK(contains(first, "no_such_function"));
    const Op function{.name = "other",
                      .kind = Kind::elementwise,
                      .arity = 1,
                      .infer = same_as_operands,
                      .glsl = "f({0})",
                      .glsl_functions = "float f(float x) {\n  return x + y;\n}",
                      .eval = nothing};
    const std::string second = error_of([&] { computed(apply(function, {counted({3})}), native_device()); });
    CHECK(contains(second, "[other] its GLSL does not compile as C++"));
    CHECK(contains(second, "line 2 of its glsl_functions is `  return x + y;`"));
  }

  TEST_CASE("a custom kernel runs through its reference function, and needs one") {
    static constexpr CustomKernel reversed{.body = "store(invocation, load0(count - 1 - invocation));",
                                           .invocations = [](const Node& node) { return node.shape.count(); },
                                           .reference =
                                               [](const Node&, std::span<const std::vector<double>> x) {
                                                 return std::vector<double>(x[0].rbegin(), x[0].rend());
                                               }};
    static constexpr CustomKernel alone{.body = reversed.body, .invocations = reversed.invocations};
    const auto infer = [](const Node& node) -> Meta {
      return {node.inputs[0].shape(), node.inputs[0].dtype()};
    };
    const Op with{.name = "with", .kind = Kind::custom, .arity = 1, .infer = infer, .kernel = &reversed};
    const Op without{.name = "without", .kind = Kind::custom, .arity = 1, .infer = infer, .kernel = &alone};
    CHECK(computed(apply(with, {counted({4}) + 1}) * 2, native_device()) == std::vector<float>{8, 6, 4, 2});
    CHECK(contains(error_of([&] { computed(apply(without, {counted({4})}), native_device()); }),
                   "[without] its kernel has no reference function"));
  }

  TEST_CASE("compiled kernels are found again, and a damaged file is compiled anew") {
    const TemporaryFolder cache;
    const Environment folder("HEKLA_CACHE", cache.path().string());
    const auto run = [] { return computed(counted({5}) * 3.25f - 1, std::make_shared<NativeDevice>()); };
    const std::vector<float> expected{-1, 2.25, 5.5, 8.75, 12};
    const auto files = [&] {
      std::vector<fs::path> all;
      for (const auto& entry : fs::directory_iterator(cache.path())) all.push_back(entry.path());
      return all;
    };
    CHECK(run() == expected);
    REQUIRE(files().size() == 1);
    {
      const Environment failing("CXX", "/bin/false");
      CHECK(contains(error_of(run), "the compiler failed"));  // another compiler's files are not taken
    }
    const auto written = fs::last_write_time(files()[0]);
    CHECK(run() == expected);
    CHECK(fs::last_write_time(files()[0]) == written);
    for (const std::uintmax_t length : {0u, 40u, 3000u}) {
      fs::resize_file(files()[0], length);
      CHECK(run() == expected);
      CHECK(fs::file_size(files()[0]) > 3000);
    }
    std::fstream file(files()[0], std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(2000);
    file.put('x');
    file.close();
    CHECK(run() == expected);
    fs::permissions(files()[0], fs::perms::others_write, fs::perm_options::add);
    CHECK(run() == expected);
    CHECK((fs::status(files()[0]).permissions() & fs::perms::others_write) == fs::perms::none);
  }

  TEST_CASE("the child of a fork computes on the device of its parent") {
    const auto device = std::make_shared<NativeDevice>(native::DeviceOptions{.threads = 2});
    const Tensor x = reshape(sin(counted({300 * 300})), {300, 300});
    const auto compute = [&] { return computed(matmul(x, x) + 1, device); };
    const std::vector<float> expected = compute();
    const pid_t child = fork();
    if (child == 0) _exit(compute() == expected ? 0 : 1);
    int status = 1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(compute() == expected);
  }

  TEST_CASE("many steps are the steps one by one") {
    const auto device = std::make_shared<NativeDevice>();
    const Tensor x = variable(zeros({3}), "x");
    Program program = compile({.outputs = {x * 2}, .updates = {{x, x + 1}}}, device);
    CHECK(program.run(100'000)[0].to_vector() == std::vector<float>(3, 2 * 99'999));
    CHECK(x.to_vector() == std::vector<float>(3, 100'000));
  }

  TEST_CASE("HEKLA_THREADS takes a number of threads") {
    for (const char* wrong : {"0", "-1", "2x", "5000", "many"}) {
      const Environment threads("HEKLA_THREADS", wrong);
      CHECK(contains(error_of([] { open_device("native"); }), "[HEKLA_THREADS]"));
    }
    const Environment threads("HEKLA_THREADS", "3");
    CHECK(native::default_threads() == 3);
  }

  TEST_CASE("memory that is free is used again, and does not grow beyond twice what was used") {
    const auto pool = std::make_shared<native::MemoryPool>();
    const std::byte* first = nullptr;
    {
      const auto block = pool->acquire(1'000'000, "test");
      first = block->data();
      CHECK(reinterpret_cast<std::uintptr_t>(first) % 128 == 0);
    }
    CHECK(pool->acquire(999'000, "test")->data() == first);
    for (std::size_t i = 1; i < 100; ++i) pool->acquire(i * 40'000, "test");
    CHECK(pool->held_bytes() <= 2 * 99 * 40'000 * 9 / 8);
    CHECK(contains(error_of([&] { pool->acquire(std::size_t{1} << 60, "a tensor"); }), "[a tensor]"));
  }
}

}  // namespace hekla::testing
