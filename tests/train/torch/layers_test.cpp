// The rules of layers, against numbers of PyTorch 2; torch_test.cpp compares with the PyTorch that is installed.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"
#include "tests/train/temporary_folder.h"

namespace hekla::testing {

namespace {

using test::TemporaryFolder;
using Tensors = std::vector<NamedTensor>;

// The k-th tensor is filled with pattern(shape, 5 + k, 9 + 2 * (k % 3)), a running variance moved up by 1.
Tensors state_dict(const std::vector<std::pair<std::string, Shape>>& parameters) {
  Tensors tensors;
  for (const auto& [name, shape] : parameters) {
    const auto k = static_cast<std::int64_t>(tensors.size());
    const Tensor filled = pattern(shape, 5 + k, 9 + 2 * (k % 3));
    tensors.push_back({name, name.ends_with("running_var") ? filled + 1 : filled});
  }
  return tensors;
}

void check_output(const Model& model, const Tensor& x, const std::vector<double>& expected) {
  const std::vector<double> found = reference_values(model(x));
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-5));
}

// Saves the model in PyTorch's form and finds the tensors it was loaded from, biases of recurrent layers
// summed.
void check_saved(const Model& model, const Tensors& tensors, const torch::WeightOptions& options) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "saved.safetensors";
  torch::WeightOptions saving = options;
  saving.like = tensors;
  torch::save(path, model, saving);
  const SafetensorsFile saved = load_safetensors(path);
  CHECK(saved.metadata == std::map<std::string, std::string>{{"format", "pt"}});
  CHECK(saved.tensors.size() == tensors.size());
  const auto sum_of = [](const auto& named, const std::string& name) {
    const std::size_t at = name.find("bias_ih");
    std::vector<double> values = reference_values(*find(named, name));
    if (at == std::string::npos || name.starts_with("gru")) return values;
    const std::vector<double> more =
        reference_values(*find(named, std::string(name).replace(at, 7, "bias_hh")));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += more[i];
    return values;
  };
  for (const NamedTensor& each : tensors) {
    CAPTURE(each.name);
    REQUIRE(saved.find(each.name) != nullptr);
    CHECK(saved.at(each.name).shape() == each.tensor.shape());
    if (each.name.find("bias_hh") != std::string::npos && !each.name.starts_with("gru")) continue;
    CHECK(sum_of(std::span(saved.tensors), each.name) == sum_of(std::span(tensors), each.name));
  }
}

struct Images {
  Tensor operator()(const Tensor& x, const Mode& mode) const {
    Tensor y = relu(normalize(conv(x, mode), mode));
    y = group(up(depthwise(y, mode), mode), mode);
    return dense(flatten(y, mode), mode);
  }
  Conv2D conv{4, 3, {.padding = "same"}};
  BatchNormalization normalize{{.epsilon = 1e-5}};
  DepthwiseConv2D depthwise{3, {.depth_multiplier = 2, .use_bias = false}};
  Conv2DTranspose up{3, 2, {.strides = 2}};
  GroupNormalization group{1, {.epsilon = 1e-5}};
  Flatten flatten;
  Dense dense{2};
};

struct Sentences {
  Tensor operator()(const Tensor& x, const Mode& mode) const {
    return simple(gru(second(first(embed(x, mode), mode), mode), mode), mode);
  }
  Embedding embed{5, 3};
  LSTM first{2, {.return_sequences = true}}, second{2, {.return_sequences = true}};
  Bidirectional gru{GRU(2, {.return_sequences = true})};
  SimpleRNN simple{2, {.return_sequences = true}};
};

struct Encoder {
  Tensor operator()(const Tensor& tokens, const Mode& mode) const {
    Tensor x = tokens + token;
    x = norm1(x + attention(x, mode), mode);
    return norm2(x + linear2(relu(linear1(x, mode)), mode), mode);
  }
  Tensor token = variable(zeros({3, 4}), "token");
  MultiHeadAttention attention{2, 2};
  Dense linear1{6}, linear2{4};
  LayerNormalization norm1{{.epsilon = 1e-5}}, norm2{{.epsilon = 1e-5}};
};

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("torch::load_into: convolutions and normalizations, as PyTorch computes them") {
    reference();
    const Tensors tensors = state_dict({{"conv.weight", {4, 2, 3, 3}},
                                        {"conv.bias", {4}},
                                        {"bn.weight", {4}},
                                        {"bn.bias", {4}},
                                        {"bn.running_mean", {4}},
                                        {"bn.running_var", {4}},
                                        {"dw.weight", {8, 1, 3, 3}},
                                        {"up.weight", {8, 3, 2, 2}},
                                        {"up.bias", {3}},
                                        {"gn.weight", {3}},
                                        {"gn.bias", {3}},
                                        {"fc.weight", {2, 48}},
                                        {"fc.bias", {2}}});
    Model model{Images()};
    model.build({4, 4, 2});
    const auto matches = torch::load_into(model, tensors);
    CHECK(
        matches.back().rule ==
        "Linear: weight [out, in] is kernel [in, out] transposed; bias; rows from [4,4,3] to channels first");
    check_output(model, pattern({1, 4, 4, 2}), {0.9931995, 1.771774});
    check_saved(model, tensors, {});
  }

  TEST_CASE("torch::load_into: embedding and recurrent layers, as PyTorch computes them") {
    reference();
    const Tensors tensors = state_dict({{"embed.weight", {5, 3}},
                                        {"lstm.weight_ih_l0", {8, 3}},
                                        {"lstm.weight_hh_l0", {8, 2}},
                                        {"lstm.bias_ih_l0", {8}},
                                        {"lstm.bias_hh_l0", {8}},
                                        {"lstm.weight_ih_l1", {8, 2}},
                                        {"lstm.weight_hh_l1", {8, 2}},
                                        {"lstm.bias_ih_l1", {8}},
                                        {"lstm.bias_hh_l1", {8}},
                                        {"gru.weight_ih_l0", {6, 2}},
                                        {"gru.weight_hh_l0", {6, 2}},
                                        {"gru.bias_ih_l0", {6}},
                                        {"gru.bias_hh_l0", {6}},
                                        {"gru.weight_ih_l0_reverse", {6, 2}},
                                        {"gru.weight_hh_l0_reverse", {6, 2}},
                                        {"gru.bias_ih_l0_reverse", {6}},
                                        {"gru.bias_hh_l0_reverse", {6}},
                                        {"rnn.weight_ih_l0", {2, 4}},
                                        {"rnn.weight_hh_l0", {2, 2}},
                                        {"rnn.bias_ih_l0", {2}},
                                        {"rnn.bias_hh_l0", {2}}});
    Model model{Sentences()};
    model.build({3}, i32);
    const auto matches = torch::load_into(model, tensors);
    CHECK(matches[2].module == "lstm.l1");
    check_output(model, tensor({{0, 3, 1}, {4, 2, 2}}),
                 {-0.9225808, 0.2353817, -0.8560693, 0.6517947, -0.8759553, 0.7570435, -0.9226639, 0.2355686,
                  -0.8561624, 0.6519266, -0.8759318, 0.757001});
    check_saved(model, tensors, {});
    // A GRU without reset_after computes something else.
    Model other{Layer(GRU(2, {.reset_after = false}))};
    other.build({3, 2});
    CHECK(error_of([&] { torch::load_into(other, tensors); }) ==
          "[torch] a GRU without reset_after has no counterpart in PyTorch, whose GRU applies r after the "
          "product; make the layer with reset_after, its default.");
  }

  TEST_CASE("torch::load_into: attention and a parameter of its own, as PyTorch computes them") {
    reference();
    const Tensors tensors = state_dict({{"token", {3, 4}},
                                        {"attn.in_proj_weight", {12, 4}},
                                        {"attn.in_proj_bias", {12}},
                                        {"attn.out_proj.weight", {4, 4}},
                                        {"attn.out_proj.bias", {4}},
                                        {"linear1.weight", {6, 4}},
                                        {"linear1.bias", {6}},
                                        {"linear2.weight", {4, 6}},
                                        {"linear2.bias", {4}},
                                        {"norm1.weight", {4}},
                                        {"norm1.bias", {4}},
                                        {"norm2.weight", {4}},
                                        {"norm2.bias", {4}}});
    Model model{Encoder()};
    model.build({3, 4});
    torch::load_into(model, tensors);
    check_output(model, pattern({1, 3, 4}),
                 {-0.05946688, 0.02520931, 0.375, -0.2351259, -0.8278592, 0.04603934, 0.375, -0.3221747,
                  -0.01850852, -0.06253465, 0.375, -0.171945});
    check_saved(model, tensors, {});
  }

  TEST_CASE("torch::load_into: what a Flatten flattened can be told") {
    reference();
    // A sequence [4, 2] flattened; PyTorch's convolutions have it as [2, 4].
    const Sequential model({Input({4, 2}), Flatten(), Dense(1)});
    const Tensors tensors{{"fc.weight", tensor({{0, 1, 2, 3, 4, 5, 6, 7}}, f32)},
                          {"fc.bias", tensor({0}, f32)}};
    torch::load_into(model, tensors);
    CHECK(reference_values(model.weights()[0]) == std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7});
    const torch::WeightOptions told{.flattened = {{"dense", {4, 2}}}};
    torch::load_into(model, tensors, told);
    CHECK(reference_values(model.weights()[0]) == std::vector<double>{0, 4, 1, 5, 2, 6, 3, 7});
    check_saved(model, tensors, told);
    const Sequential images({Input({2, 2, 2}), Flatten(), Dropout(0.5), Dense(1)});
    torch::load_into(images, tensors);
    CHECK(reference_values(images.weights()[0]) == std::vector<double>{0, 4, 1, 5, 2, 6, 3, 7});
    torch::load_into(images, tensors, {.flattened = {{"dense", {}}}});
    CHECK(reference_values(images.weights()[0]) == std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(error_of([&] {
            torch::load_into(images, tensors, {.flattened = {{"dense", {3, 3}}}});
          }) ==
          "[torch::load_into] [3,3] is given as flattened before 'dense', whose kernel is [8,1]; their "
          "numbers of "
          "features differ.");
    CHECK(error_of([&] {
            torch::load_into(images, tensors, {.flattened = {{"dense_1", {2, 4}}}});
          }) == "[torch::load_into] the model has no layer 'dense_1' with weights; it has 'dense'.");
    const Sequential table({Input({4, 2}), Conv1D(1, 1)});
    CHECK(error_of([&] {
            torch::save("x", table, {.flattened = {{"conv1d", {4, 2}}}});
          }) ==
          "[torch::save] [4,2] is given as flattened before 'conv1d', a Conv1D; only Dense and "
          "normalizations depend on "
          "that.");
  }
}

}  // namespace hekla::testing
