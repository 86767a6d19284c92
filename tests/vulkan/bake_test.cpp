// The form `vulkan` of baked source: it needs the Vulkan loader alone, and computes what hekla computes on the same device,
// bit for bit.
#include "train/model/bake.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "backends/vulkan/spirv.h"
#include "hekla.h"
#include "tests/support/baked_program.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/temporary_folder.h"
#include "tests/vulkan/support.h"

namespace hekla::testing {

namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using vulkan::test::contains;

// The device under test as the default one while it lives.
class OnDevice {
 public:
  OnDevice() { set_default_device(device()); }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;
  ~OnDevice() { set_default_device(reference()); }
};

// Runs it on the device under test under the validation layer, which prints what it finds.
std::vector<float> run_validated(const fs::path& folder, const std::string& body) {
  const std::string validation =
      "VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation "
      "VK_LAYER_ENABLES=VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT ";
  std::vector<float> numbers = run_baked(
      folder, body,
      {.libraries = "-lvulkan", .environment = std::getenv("HEKLA_LIMITS") != nullptr ? "" : validation});
  CHECK(content_of(folder / "log") == "");
  return numbers;
}

BakeFormat vulkan_form(BakedDevices devices = BakedDevices::like_this) {
  return {.form = BakeForm::vulkan, .devices = devices};
}

constexpr const char* fill_images =
    "const std::size_t count = 5;\n"
    "std::vector<float> x(count * 144), y(count * 3);\n"
    "for (std::size_t i = 0; i < x.size(); ++i) x[i] = float(i % 31) / 16 - 1;\n";

Tensor same_images() {
  std::vector<float> x(5 * 144);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 31) / 16 - 1;
  return tensor(x, {5, 12, 12, 1});
}

Sequential convolutional() {
  set_random_seed(3);
  return Sequential({Input({12, 12, 1}), Conv2D(8, 3, relu), BatchNormalization(), MaxPooling2D(2), Flatten(),
                     Dense(40, tanh), Dense(3, softmax)});
}

void check_near(const std::vector<float>& found, const std::vector<float>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-4));
}

const std::string predict_all = std::string(fill_images) +
                                "net::Network network;\n"
                                "network.predict(x.data(), y.data(), count);\n"
                                "std::fwrite(y.data(), 4, y.size(), out);\n";

}  // namespace

TEST_SUITE("vulkan") {
  TEST_CASE("bake: the form vulkan predicts as predict does, bit for bit") {
    if (!device()) return;
    const TemporaryFolder folder;
    const Sequential model = convolutional();
    const OnDevice on_device;
    bake(model, folder.path() / "net", {.batch_sizes = {2, 1}, .form = BakeForm::vulkan});
    CHECK(run_validated(folder.path(), predict_all) ==
          Sequential(model).predict(same_images(), {.batch_size = 2}).to_vector());
    // Nothing of hekla or glslang is linked; the binary is small.
    REQUIRE(std::system(("cd '" + folder.path().string() +
                         "' && nm -C main > symbols && ldd main > libraries && strip main")
                            .c_str()) == 0);
    for (const char* file : {"symbols", "libraries"}) {
      CHECK(!contains(content_of(folder.path() / file), "glslang"));
      CHECK(!contains(content_of(folder.path() / file), "hekla"));
    }
    CHECK(fs::file_size(folder.path() / "main") < 600'000);
  }

  TEST_CASE("bake: the form vulkan trains, saves and loads its state, and reads weights from a file") {
    if (!device()) return;
    const TemporaryFolder folder;
    Sequential model = convolutional();
    model.compile({.optimizer = Adam({.learning_rate = 0.01}), .loss = "sparse_categorical_crossentropy"});
    const Dataset data(same_images(), tensor(std::vector<std::int32_t>{0, 1, 2, 1, 0}));
    const OnDevice on_device;
    bake(model, folder.path() / "net",
         {.batch_sizes = {5},
          .like = data,
          .training_batch = 5,
          .form = BakeForm::vulkan,
          .most_inline_bytes = 100});
    const std::vector<float> found = run_validated(
        folder.path(),
        std::string(fill_images) +
            "const std::int32_t labels[5] = {0, 1, 2, 1, 0};\n"
            "std::vector<char> weights(net::Network::state_bytes * 4);\n"
            "std::FILE* file = std::fopen(\"net.weights\", \"rb\");\n"
            "if (file == nullptr || std::fread(weights.data(), 1, weights.size(), file) < 1000) return 1;\n"
            "std::fclose(file);\n"
            "net::Network network(weights.data()), other(weights.data());\n"
            "float loss;\n"
            "for (int i = 0; i < 4; ++i) network.step(x.data(), labels, &loss);\n"
            "std::vector<char> state(net::Network::state_bytes);\n"
            "network.save_state(state.data());\n"
            "other.load_state(state.data());\n"
            "other.predict(x.data(), y.data());\n"
            "std::fwrite(&loss, 4, 1, out);\n"
            "std::fwrite(y.data(), 4, y.size(), out);\n");
    const History history = model.fit(data, {.batch_size = 5, .epochs = 4, .verbose = 0, .shuffle = false});
    REQUIRE(found.size() == 16);
    CHECK(found[0] == doctest::Approx(history["loss"].back()).epsilon(1e-6));
    const std::vector<float> expected = model.predict(same_images(), {.batch_size = 5}).to_vector();
    CHECK(std::vector<float>(found.begin() + 1, found.end()) == expected);
  }

  TEST_CASE("bake: the form vulkan loops, sorts, reads bytes and gives integers") {
    if (!device()) return;
    const TemporaryFolder folder;
    const Tensor bytes = input("bytes", {3, 40}, u8), scale = input("scale", {3});
    const Tensor x = cast(bytes, f32) / 16;
    const auto states = scan(
        [](const std::vector<Tensor>& state, const std::vector<Tensor>& element) -> Scanned {
          return {.state = {tanh(state[0] * 0.5f + element[0])}, .stacked = {state[0]}};
        },
        {moveaxis(x, 1, 0)}, {zeros({3})});
    const Tensor last = states.state[0] * scale, stacked = states.stacked[0];
    const Tensor sorted = sort(x), whole = cast(sum(x, {1}) * 10, i32);
    const OnDevice on_device;
    bake({{.name = "look",
           .variants = {{.computation = {.outputs = {last, stacked, sorted, whole}},
                         .inputs = {{"bytes", bytes}, {"scale", scale}}}},
           .output_names = {"last", "stacked", "sorted", "whole"}}},
         folder.path() / "net", vulkan_form());
    const std::vector<float> found = run_validated(
        folder.path(),
        "std::vector<std::uint8_t> bytes(120);\n"
        "for (int i = 0; i < 120; ++i) bytes[std::size_t(i)] = std::uint8_t(i * 37);\n"
        "const float scale[3] = {1, -2, 3};\nstd::int32_t whole[3];\n"
        "float last[3], stacked[120], sorted[120];\n"
        "net::Network network;\n"
        "network.look(bytes.data(), scale, last, stacked, sorted, whole);\n"
        "std::fwrite(last, 4, 3, out), std::fwrite(stacked, 4, 120, out), std::fwrite(sorted, 4, 120, out);\n"
        "for (const int w : whole) { const float f = float(w); std::fwrite(&f, 4, 1, out); }\n");
    std::vector<std::uint8_t> given(120);
    for (std::size_t i = 0; i < 120; ++i) given[i] = static_cast<std::uint8_t>(i * 37);
    Program program = compile({.outputs = {last, stacked, sorted, whole}}, device());
    std::vector<float> expected;
    for (const Tensor& output :
         program.run({{bytes, tensor(given, {3, 40})}, {scale, tensor({1.0, -2, 3})}})) {
      for (const float number : output.to_vector()) expected.push_back(number);
    }
    CHECK(found == expected);
  }

  TEST_CASE("bake: the form vulkan says why no device is right") {
    if (!device()) return;
    const TemporaryFolder folder;
    const OnDevice on_device;
    bake(convolutional(), folder.path() / "net", {.form = BakeForm::vulkan});
    run_baked(folder.path(),
              "try { net::Network network(99); } catch (const std::exception& error) { "
              "std::puts(error.what()); }\n",
              {.libraries = "-lvulkan"});
    CHECK(contains(content_of(folder.path() / "log"), "[net] there is no device 99; there are"));
    run_baked(
        folder.path(),
        "try { net::Network network; } catch (const std::exception& error) { std::puts(error.what()); }\n",
        {.libraries = "-lvulkan", .environment = "VK_ICD_FILENAMES=/nonexistent.json "});
    CHECK(contains(content_of(folder.path() / "log"), "[net] there is no Vulkan driver"));
  }

  TEST_CASE("bake: devices like this one are devices of Vulkan") {
    set_default_device(reference());
    const TemporaryFolder folder;
    CHECK(
        contains(error_of([&] { bake(convolutional(), folder.path() / "net", {.form = BakeForm::vulkan}); }),
                 "no Vulkan device; ask for BakedDevices::any"));
  }

  TEST_CASE("spirv: needs of a module, and a module without names") {
    const std::vector<std::uint32_t> module = vulkan::compile_glsl_uncached(
        "#version 460\n#extension GL_KHR_shader_subgroup_shuffle : require\n"
        "layout(local_size_x = 32, local_size_y = 2) in;\n"
        "layout(binding = 0) buffer Named { float values[]; };\n"
        "shared vec4 tile[3][5];\nshared uint flag;\n"
        "void main() {\n"
        "  tile[0][gl_LocalInvocationID.y] = vec4(subgroupShuffle(values[0], 1u));\n"
        "  flag = 1u;\n  values[1] = tile[2][4].x + float(flag);\n}\n",
        "a kernel");
    const vulkan::SpirvNeeds needs = vulkan::needs_of(module);
    CHECK(needs.size_x == 32);
    CHECK(needs.invocations == 64);
    CHECK(needs.shared_bytes == 3 * 5 * 16 + 4);
    CHECK(needs.capabilities.contains(vulkan::capability::shuffle));
    CHECK(!needs.capabilities.contains(vulkan::capability::int64));
    const std::vector<std::uint32_t> bare = vulkan::without_names(module);
    CHECK(bare.size() < module.size());
    const std::string text(reinterpret_cast<const char*>(bare.data()), bare.size() * 4);
    CHECK(!contains(text, "values"));
    CHECK(contains(text, "main"));  // the entry point
    CHECK(vulkan::needs_of(bare).shared_bytes == needs.shared_bytes);
  }
}

TEST_SUITE("limits") {
  TEST_CASE("bake: source for any device runs on this one") {
    if (!device()) return;
    const TemporaryFolder folder;
    Sequential model = convolutional();
    set_default_device(reference());  // no device is needed to bake
    bake(model, folder.path() / "net",
         {.batch_sizes = {2, 1}, .form = BakeForm::vulkan, .devices = BakedDevices::any});
    check_near(run_validated(folder.path(), predict_all), model.predict(same_images()).to_vector());
  }
}

}  // namespace hekla::testing
