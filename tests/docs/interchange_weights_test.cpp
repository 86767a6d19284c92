// The code of docs/interchange.md about weights, run; and a comparison with the code on the page.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "hekla.h"
#include "tests/docs/pages.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/support/python.h"
#include "tests/train/torch/pt_bytes.h"
#include "tests/train/working_folder.h"

namespace hekla::testing {

namespace {

// A section of the page with its parts.
std::string section(const std::string& title) {
  const std::string page = text_of("docs/interchange.md");
  const std::size_t begin = page.find("## " + title + "\n");
  REQUIRE(begin != std::string::npos);
  return page.substr(begin, page.find("\n## ", begin) - begin);
}

// A state dict of Linear(4, 8) and Linear(8, 3), every element 1.
std::string state_dict() {
  const auto ones = [](std::vector<std::int64_t> sizes, std::vector<std::int64_t> strides) {
    return test::tensor_call({.numel = 32, .sizes = std::move(sizes), .strides = std::move(strides)});
  };
  return test::dict({{"fc1.weight", ones({8, 4}, {4, 1})},
                     {"fc1.bias", ones({8}, {1})},
                     {"fc2.weight", ones({3, 8}, {8, 1})},
                     {"fc2.bias", ones({3}, {1})}});
}

void write(const std::string& path, const std::string& value) {
  const std::vector<float> ones(32, 1);
  const test::Bytes bytes =
      test::pt_bytes(test::pickled(value), {{"0", {reinterpret_cast<const char*>(ones.data()), 128}}});
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

TEST_SUITE("docs") {
  TEST_CASE("docs/interchange.md: weights of PyTorch") {
    if (!device()) return;
    set_default_device(device());
    const test::WorkingFolder here;
    write("model.pt", state_dict());
    write("checkpoint.pt", test::dict({{"model", state_dict()}, {"epoch", test::integer(3)}}));

    hk::Sequential model({hk::Input({4}), hk::Dense(8, hk::relu), hk::Dense(3)});
    hk::torch::File file = hk::torch::load("model.pt");
    std::vector<hk::torch::Match> matches = hk::torch::load_into(model, file.tensors);
    fmt::print("{}", hk::torch::to_text(matches));
    CHECK(section("PyTorch weights").find("```\n" + hk::torch::to_text(matches) + "```") !=
          std::string::npos);
    CHECK(model(hk::ones({1, 4})).to_vector() == std::vector<float>(3, 8 * 5 + 1));

    hk::torch::File checkpoint = hk::torch::load("checkpoint.pt");
    hk::torch::load_into(model, checkpoint.under("model"));
    fmt::print("epoch {}\n", checkpoint.values.at("epoch"));
    CHECK(checkpoint.values.at("epoch") == "3");

    hk::torch::load_into(model, file.tensors, {.names = {{"fc1", "dense"}, {"fc2", "dense_1"}}});

    hk::torch::Rule untransposed{
        .text = "weight is kernel; bias",
        .to_torch =
            [](const hk::torch::Named& weights) {
              return hk::torch::Named{{"weight", weights.at("kernel")}, {"bias", weights.at("bias")}};
            },
        .from_torch =
            [](const hk::torch::Named& parameters, const hk::torch::Named&) {
              return hk::torch::Named{{"kernel", parameters.at("weight")}, {"bias", parameters.at("bias")}};
            }};
    hk::torch::WeightOptions as_in_transformers{.rules = {{"Dense", untransposed}}};
    // fc1.weight is [8, 4], and a kernel of that shape has 4 units.
    CHECK(error_of([&] { hk::torch::load_into(model, file.tensors, as_in_transformers); }) != "");

    hk::torch::save("trained.safetensors", model, {.like = file.tensors});
    CHECK(hk::load_safetensors("trained.safetensors").at("fc2.weight").shape() == Shape{3, 8});
    set_default_device(reference());
  }

  TEST_CASE("docs/interchange.md: the table of PyTorch's modules") {
    std::string rows;
    for (const auto& [type, rule] : hk::torch::rules())
      rows += fmt::format("| `{}` | {} |\n", type, rule.text);
    CAPTURE(rows);
    CHECK(section("PyTorch weights").find("| --- | --- |\n" + rows + "\n") != std::string::npos);
  }

  TEST_CASE("docs/interchange.md: weights of Keras") {
    const std::string python = python_with("keras, safetensors", false);
    if (python.empty()) return;
    reference();
    const test::WorkingFolder here;
    std::string script = section("Keras weights");
    const std::string begin = "```python\n";
    script = script.substr(script.find(begin) + begin.size());
    script = script.substr(0, script.find("```"));
    std::ofstream("script.py") << R"(import keras, numpy
inputs = keras.Input((5, 3))
x = keras.layers.LSTM(4, return_sequences=True)(inputs)
x = keras.layers.Bidirectional(keras.layers.GRU(2, return_sequences=True))(x)
x = keras.layers.MultiHeadAttention(2, 3)(x, x)
x = keras.layers.LayerNormalization()(x)
x = keras.layers.Dropout(0.5)(keras.layers.Dense(2)(x))
model = keras.Model(inputs, x)
model.save_weights("model.weights.h5")
)" << script << R"(
x = numpy.random.default_rng(1).standard_normal((2, 5, 3)).astype("float32")
save_file({"x": x, "y": keras.ops.convert_to_numpy(model(x)).copy()}, "expected.safetensors")
)";
    REQUIRE(std::system(fmt::format("'{}' script.py", python).c_str()) == 0);
    Model model([lstm = LSTM(4, {.return_sequences = true}),
                 both = Bidirectional(GRU(2, {.return_sequences = true})),
                 attention = MultiHeadAttention(2, 3), norm = LayerNormalization(),
                 dense = Dense(2)](const Tensor& x, const Mode& mode) {
      return dense(norm(attention(both(lstm(x, mode), mode), mode), mode), mode);
    });
    model.build({5, 3});
    model.load_weights("keras.safetensors");
    const SafetensorsFile expected = load_safetensors("expected.safetensors");
    CHECK(max(abs(model(expected.at("x")) - expected.at("y"))).item() < 1e-5f);
  }
}

}  // namespace hekla::testing
