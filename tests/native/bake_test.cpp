// Baked source: it compiles with nothing but a compiler, and computes what hekla computes.
#include "train/model/bake.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "backends/native/evaluator.h"
#include "hekla.h"
#include "tests/support/baked_program.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/temporary_folder.h"

namespace hekla::testing {

namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

void check_near(const std::vector<float>& found, const std::vector<float>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-4));
}

// Sets the default device while it lives.
class DefaultDevice {
 public:
  explicit DefaultDevice(const std::shared_ptr<Evaluator>& device) { set_default_device(device); }
  DefaultDevice(const DefaultDevice&) = delete;
  DefaultDevice& operator=(const DefaultDevice&) = delete;
  ~DefaultDevice() { set_default_device(reference()); }
};

constexpr const char* few_images =
    "std::vector<float> x(5 * 12), y(5 * 3);\n"
    "for (int i = 0; i < 60; ++i) x[i] = float(i % 7) / 4 - 0.5f;\n"
    "auto network = std::make_unique<net::Network>();\n"
    "network->predict(x.data(), y.data(), 5);\n"
    "std::fwrite(y.data(), 4, y.size(), out);\n";

constexpr const char* run_webassembly = R"(import { WASI } from 'node:wasi';
import { readFileSync } from 'node:fs';
const wasi = new WASI({ version: 'preview1', args: ['main'], preopens: { '.': '.' } });
const program = await WebAssembly.compile(readFileSync(process.argv[2]));
wasi.start(await WebAssembly.instantiate(program, wasi.getImportObject()));
)";

Tensor images() {
  std::vector<float> x(60);
  for (std::size_t i = 0; i < 60; ++i) x[i] = static_cast<float>(i % 7) / 4 - 0.5f;
  return tensor(x, {5, 12});
}

Sequential small_model() {
  set_random_seed(3);
  return Sequential({Input({12}), Dense(20, relu), Dense(3, softmax)});
}

}  // namespace

TEST_SUITE("native") {
  TEST_CASE("bake: predictions for any number of examples, on every width") {
    const TemporaryFolder folder;
    Sequential model = small_model();
    const DefaultDevice device(native_device());
    const std::vector<float> expected = model.predict(images(), {.batch_size = 2}).to_vector();
    for (const BakedWidth width : {BakedWidth::portable, BakedWidth::this_machine}) {
      bake(model, folder.path() / "net", {.batch_sizes = {2, 1}, .width = width});
      CHECK(contains(content_of(folder.path() / "net.h"), "input  f32[count,12]"));
      check_near(run_baked(folder.path(), few_images, {.options = "-O1"}), expected);
    }
    // The same vectors and the same instructions: the same bits.
    CHECK(run_baked(folder.path(), few_images, {.options = "-O2 -march=native"}) == expected);
  }

  TEST_CASE("bake: a training step goes on learning, bit for bit as hekla does") {
    const TemporaryFolder folder;
    Sequential model = small_model();
    model.compile({.optimizer = Adam({.learning_rate = 0.01}),
                   .loss = "sparse_categorical_crossentropy",
                   .metrics = {accuracy}});
    const Dataset data(images(), tensor(std::vector<std::int32_t>{0, 1, 2, 1, 0}));
    const DefaultDevice device(native_device());
    bake(model, folder.path() / "net",
         {.batch_sizes = {5}, .like = data, .training_batch = 5, .width = BakedWidth::this_machine});
    CHECK(contains(content_of(folder.path() / "net.h"), "dense/kernel"));
    const std::vector<float> found = run_baked(
        folder.path(),
        "std::vector<float> x(5 * 12), y(5 * 3);\n"
        "for (int i = 0; i < 60; ++i) x[i] = float(i % 7) / 4 - 0.5f;\n"
        "const std::int32_t labels[5] = {0, 1, 2, 1, 0};\n"
        "auto network = std::make_unique<net::Network>(), other = std::make_unique<net::Network>();\n"
        "float loss;\n"
        "for (int i = 0; i < 4; ++i) network->step(x.data(), labels, &loss);\n"
        "std::vector<char> state(net::Network::state_bytes);\n"
        "network->save_state(state.data()), other->load_state(state.data());\n"
        "other->predict(x.data(), y.data());\n"
        "std::fwrite(&loss, 4, 1, out);\n"
        "std::fwrite(y.data(), 4, y.size(), out);\n",
        {.options = "-O2 -march=native"});
    const History history = model.fit(data, {.batch_size = 5, .epochs = 4, .verbose = 0, .shuffle = false});
    REQUIRE(found.size() == 16);
    CHECK(found[0] == doctest::Approx(history["loss"].back()).epsilon(1e-6));
    const std::vector<float> expected = model.predict(images(), {.batch_size = 5}).to_vector();
    CHECK(std::vector<float>(found.begin() + 1, found.end()) == expected);
  }

  TEST_CASE("bake: bytes, convolutions, recurrence, several inputs and outputs") {
    const TemporaryFolder folder;
    const Tensor kernel = variable(reshape(sin(counted({3 * 3 * 2 * 4})), {3, 3, 2, 4}), "kernel");
    const Tensor bytes = input("bytes", {2, 6, 6, 2}, u8), scale = input("scale", {2});
    const Tensor x = cast(bytes, f32) / 255;
    const Tensor features = max_pool2d(relu(conv2d(x, kernel, {.padding = PaddingMode::same})));
    const auto states = scan(
        [](const std::vector<Tensor>& state, const std::vector<Tensor>& element) -> Scanned {
          return {.state = {tanh(state[0] * 0.5f + element[0])}, .stacked = {state[0]}};
        },
        {moveaxis(reshape(features, {2, 9, 4}), 1, 0)}, {zeros({2, 4})});
    const Tensor last = states.state[0] * expand_dims(scale, 1);
    const Tensor whole = cast(sum(features, {1, 2, 3}) * 10, i32);
    bake({{.name = "look",
           .variants = {{.computation = {.outputs = {last, whole}},
                         .inputs = {{"bytes", bytes}, {"scale", scale}}}},
           .output_names = {"last", "whole"}}},
         folder.path() / "net");
    const std::vector<float> found =
        run_baked(folder.path(),
                  "std::vector<std::uint8_t> bytes(144);\n"
                  "for (int i = 0; i < 144; ++i) bytes[i] = std::uint8_t(i * 37);\n"
                  "const float scale[2] = {1, -2};\nstd::int32_t whole[2];\nfloat last[8], other[2];\n"
                  "auto network = std::make_unique<net::Network>();\n"
                  "network->look(bytes.data(), scale, last, whole);\n"
                  "other[0] = float(whole[0]), other[1] = float(whole[1]);\n"
                  "std::fwrite(last, 4, 8, out), std::fwrite(other, 4, 2, out);\n",
                  {.options = "-O2"});
    std::vector<std::uint8_t> given(144);
    for (std::size_t i = 0; i < 144; ++i) given[i] = static_cast<std::uint8_t>(i * 37);
    Program program = compile({.outputs = {last, whole}}, reference());
    const std::vector<Tensor> right =
        program.run({{bytes, tensor(given, {2, 6, 6, 2})}, {scale, tensor({1.0, -2})}});
    std::vector<float> expected = right[0].to_vector();
    for (const float number : right[1].to_vector()) expected.push_back(number);
    check_near(found, expected);
  }

  TEST_CASE("bake: large weights lie in a file") {
    const TemporaryFolder folder;
    Sequential model = small_model();
    bake(model, folder.path() / "net", {.batch_sizes = {2, 1}, .most_inline_bytes = 100});
    CHECK(fs::file_size(folder.path() / "net.weights") > 4 * (12 * 20 + 20 + 20 * 3 + 3));
    const std::string body = std::string(
                                 "alignas(64) static char weights[20000];\n"
                                 "std::FILE* file = std::fopen(\"net.weights\", \"rb\");\n"
                                 "if (std::fread(weights, 1, sizeof weights, file) < 1000) return 1;\n") +
                             few_images;
    std::string with_file = body;
    with_file.replace(with_file.find("<net::Network>()"), 16, "<net::Network>(weights)");
    check_near(run_baked(folder.path(), with_file), model.predict(images()).to_vector());
  }

  TEST_CASE("bake: the source needs nothing of hekla, and no more than the C and C++ libraries") {
    const TemporaryFolder folder;
    bake(small_model(), folder.path() / "net");
    const std::string in = "cd '" + folder.path().string() + "' && ";
    REQUIRE(std::system((in + "c++ -O2 -std=c++17 -c net.cpp && nm -u net.o > undefined").c_str()) == 0);
    const std::string undefined = content_of(folder.path() / "undefined");
    CAPTURE(undefined);
    std::istringstream lines(undefined);
    for (std::string word; lines >> word;) {
      if (word == "U") continue;
      CHECK((word == "memcpy" || word == "memset" || word == "__stack_chk_fail" ||
             word == "__gxx_personality_v0" || word == "_GLOBAL_OFFSET_TABLE_"));
    }
    CHECK(!contains(content_of(folder.path() / "net.cpp"), "#include <hekla"));
  }

  TEST_CASE("bake: other compilers and processors") {
    const TemporaryFolder folder;
    Sequential model = small_model();
    bake(model, folder.path() / "net", {.batch_sizes = {2, 1}});
    const std::vector<float> expected = model.predict(images()).to_vector();
    const auto is_there = [](const std::string& program) {
      return std::system(("command -v " + program + " > /dev/null 2>&1").c_str()) == 0;
    };
    const std::string clang = is_there("clang++") ? "clang++" : "clang++-14";
    if (is_there(clang))
      check_near(run_baked(folder.path(), few_images, {.options = "-O2 -fwrapv", .compiler = clang}),
                 expected);
    else
      MESSAGE("SKIPPED Clang, which is not installed");
    for (const std::string processor : {"aarch64", "riscv64"}) {
      const BakedProgram crossed{
          .options = "-O2 -static", .compiler = processor + "-linux-gnu-g++", .runner = "qemu-" + processor};
      if (is_there(crossed.compiler) && is_there(crossed.runner))
        check_near(run_baked(folder.path(), few_images, crossed), expected);
      else
        MESSAGE("SKIPPED ", processor, ": it takes g++-", processor, "-linux-gnu and qemu-user");
    }
    if (is_there(clang) && is_there("node") && fs::exists("/usr/include/wasm32-wasi")) {
      std::ofstream(folder.path() / "run.mjs") << run_webassembly;
      check_near(run_baked(folder.path(), few_images,
                           {.options = "--target=wasm32-wasi -O2 -fno-exceptions -fwrapv -msimd128",
                            .compiler = clang,
                            .runner = "node --no-warnings run.mjs"}),
                 expected);
    } else {
      MESSAGE("SKIPPED WebAssembly: it takes clang, lld, wasi-libc, libc++-dev-wasm32 and nodejs");
    }
  }

  TEST_CASE("bake: mistakes") {
    const TemporaryFolder folder;
    const fs::path net = folder.path() / "net";
    CHECK(contains(error_of([&] { bake(Sequential({Dense(3)}), net); }), "[bake]"));
    CHECK(contains(error_of([&] { bake(small_model(), folder.path() / "my-net"); }),
                   "[bake] 'my-net' is no name in C++"));
    CHECK(contains(error_of([&] {
                     bake(small_model(), net, {.batch_sizes = {4, 2}});
                   }),
                   "needs a variant for one example"));
    CHECK(contains(error_of([&] { bake(small_model(), net, {.batch_sizes = {0}}); }), "a batch of 0"));
    CHECK(contains(error_of([&] {
                     bake(small_model(), net, {.input_names = {"a", "b"}});
                   }),
                   "2 input names for 1 inputs"));
    CHECK(contains(error_of([&] { bake(small_model(), net, {.output_names = {"my output"}}); }),
                   "'my output' is no name in C++"));
    CHECK(contains(error_of([&] { bake(small_model(), net, {.training_batch = 4}); }),
                   "needs to know its targets"));
    const Tensor x = input("x", {20'000}), y = input("y", {20'000});
    CHECK(contains(
        error_of([&] {
          bake({{.name = "f", .variants = {{.computation = {.outputs = {sort(x)}}, .inputs = {{"x", x}}}}}},
               net);
        }),
        "a custom kernel"));
    CHECK(contains(
        error_of([&] {
          bake({{.name = "f", .variants = {{.computation = {.outputs = {x + y}}, .inputs = {{"x", x}}}}}},
               net);
        }),
        "the input 'y' is not among the inputs"));
    CHECK(!fs::exists(folder.path() / "net.h"));
  }
}

}  // namespace hekla::testing
