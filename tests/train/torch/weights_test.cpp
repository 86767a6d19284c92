// Which modules of a state dict go to which layers, and back.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/temporary_folder.h"

namespace hekla::testing {

namespace {

using test::TemporaryFolder;
using Tensors = std::vector<NamedTensor>;

Tensors linears() {
  return {{"fc1.weight", tensor({{1, 2}, {3, 4}, {5, 6}}, f32)},
          {"fc1.bias", tensor({7, 8, 9}, f32)},
          {"fc2.weight", tensor({{1, 0, 0}, {0, 1, 0}}, f32)},
          {"fc2.bias", tensor({-1, -2}, f32)}};
}

Sequential two_dense() { return Sequential({Input({2}), Dense(3), Dense(2)}); }

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("torch::load_into: layers in order, linear layers transposed") {
    reference();
    const Sequential model = two_dense();
    const std::vector<torch::Match> matches = torch::load_into(model, linears());
    CHECK(reference_values(model.weights()[0]) == std::vector<double>{1, 3, 5, 2, 4, 6});
    CHECK(reference_values(model.weights()[1]) == std::vector<double>{7, 8, 9});
    CHECK(reference_values(model(tensor({{1, 2}}, f32))) ==
          std::vector<double>{1 + 4 + 7 - 1, 3 + 8 + 8 - 2});
    CHECK(torch::to_text(matches) ==
          "fc1 -> dense (Dense)  Linear: weight [out, in] is kernel [in, out] transposed; bias\n"
          "fc2 -> dense_1 (Dense)  Linear: weight [out, in] is kernel [in, out] transposed; bias\n");
  }

  TEST_CASE("torch::load_into: names before equal names before order") {
    reference();
    Tensors tensors{{"a.weight", tensor({{1, 0}, {0, 1}}, f32)},
                    {"a.bias", tensor({1, 1}, f32)},
                    {"b.weight", tensor({{2, 0}, {0, 2}}, f32)},
                    {"b.bias", tensor({2, 2}, f32)}};
    const Sequential model(
        {Input({2}), Dense(2, DenseOptions{.name = "first"}), Dense(2, DenseOptions{.name = "second"})});
    torch::load_into(model, tensors);
    CHECK(reference_values(model.weights()[1]) == std::vector<double>{1, 1});
    torch::load_into(model, tensors, {.names = {{"b", "first"}}});
    CHECK(reference_values(model.weights()[1]) == std::vector<double>{2, 2});
    const Sequential alike(
        {Input({2}), Dense(2, DenseOptions{.name = "b"}), Dense(2, DenseOptions{.name = "c"})});
    torch::load_into(alike, tensors);
    CHECK(reference_values(alike.weights()[1]) == std::vector<double>{2, 2});
    // What is matched is found without assigning anything.
    CHECK(torch::match(model, tensors)[0].module == "a");
    CHECK(reference_values(model.weights()[1]) == std::vector<double>{2, 2});
  }

  TEST_CASE("torch::load_into: other float dtypes become the weight's") {
    reference();
    const Sequential model = two_dense();
    Tensors halves = linears();
    for (NamedTensor& each : halves) each.tensor = cast(each.tensor, f16);
    torch::load_into(model, halves);
    CHECK(reference_values(model.weights()[0]) == std::vector<double>{1, 3, 5, 2, 4, 6});
  }

  TEST_CASE("torch::load_into: one error tells all that does not match, and nothing is changed") {
    reference();
    const Sequential model = two_dense();
    torch::load_into(model, linears());
    Tensors tensors = linears();
    tensors[2].tensor = zeros({4, 3});
    tensors[0].tensor = zeros({3, 2});
    tensors.push_back({"norm.weight", zeros({4})});
    tensors.push_back({"norm.num_batches_tracked", zeros({}, i32)});
    CHECK(error_of([&] { torch::load_into(model, tensors); }) ==
          "[torch::load_into] the model and the tensors do not match:\n"
          "  layer 'dense_1' (Dense) finds no module with bias [2], weight [2,3];\n"
          "  module 'fc2' with bias [2], weight [4,3] is taken by no layer;\n"
          "  module 'norm' with weight [4] is taken by no layer.\n"
          "Give `names`, or `skip` what is to be left out.");
    CHECK(reference_values(model.weights()[0]) == std::vector<double>{1, 3, 5, 2, 4, 6});
    const auto matches = torch::load_into(model, tensors, {.skip = {"dense_1", "fc2", "norm"}});
    CHECK(matches.size() == 1);
    CHECK(reference_values(model.weights()[0]) == std::vector<double>(6, 0));
    CHECK(error_of([&] {
            torch::load_into(model, linears(), {.names = {{"fc1", "dense_1"}}});
          }) ==
          "[torch::load_into] the model and the tensors do not match:\n"
          "  module 'fc1' has bias [3], weight [3,2]; layer 'dense_1' (Dense) takes bias [2], weight [2,3];\n"
          "  layer 'dense' (Dense) finds no module with bias [3], weight [3,2];\n"
          "  module 'fc2' with bias [2], weight [2,3] is taken by no layer.\n"
          "Give `names`, or `skip` what is to be left out.");
    CHECK(error_of([&] {
            torch::load_into(model, linears(), {.names = {{"fc", "dense"}}, .skip = {"x"}});
          }) ==
          "[torch::load_into] the model and the tensors do not match:\n"
          "  skip names 'x', which is neither a layer nor a module;\n"
          "  names has a module 'fc', which the tensors have not.\n"
          "Give `names`, or `skip` what is to be left out.");
    CHECK(error_of([&] {
            torch::match(model, linears(), {.names = {{"fc1", "fc1"}}});
          }) == "[torch::match] the model has no layer 'fc1' with weights; it has 'dense', 'dense_1'.");
    CHECK(error_of([&] {
            torch::load_into(Sequential({Dense(1)}), linears());
          }).starts_with("[torch::load_into]"));
  }

  TEST_CASE("torch::load_into: rules of one's own, and layers inside of layers") {
    reference();
    const Tensors tensors{{"c.weight", tensor({{1, 2}, {3, 4}, {5, 6}}, f32)}, {"c.bias", zeros({2})}};
    torch::Rule untransposed{
        .text = "as in a Conv1D of transformers",
        .to_torch =
            [](const torch::Named& weights) {
              return torch::Named{{"weight", weights.at("kernel")}, {"bias", weights.at("bias")}};
            },
        .from_torch =
            [](const torch::Named& parameters, const torch::Named&) {
              return torch::Named{{"kernel", parameters.at("weight")}, {"bias", parameters.at("bias")}};
            }};
    const Sequential inner({Input({3}), Dense(2)});
    Model outer([inner](const Tensor& x, const Mode& mode) { return inner(x, mode); });
    outer.build({3});
    const auto matches = torch::load_into(outer, tensors, {.rules = {{"Dense", untransposed}}});
    CHECK(matches[0].rule == "as in a Conv1D of transformers");
    CHECK(reference_values(inner.weights()[0]) == std::vector<double>{1, 2, 3, 4, 5, 6});
    untransposed.from_torch = [](const torch::Named&, const torch::Named&) { return torch::Named(); };
    CHECK(error_of([&] {
            torch::load_into(outer, tensors, {.rules = {{"Dense", untransposed}}});
          }) ==
          "[torch::load_into] the rule for Dense gives no 'bias'; from_torch returns all weights of the "
          "layer.");
    CHECK(torch::rules_text().find("GRU                  GRU: weight_ih and weight_hh are") !=
          std::string::npos);
  }

  TEST_CASE("torch::save: names of the layers or those given") {
    reference();
    const TemporaryFolder folder;
    const auto path = folder.path() / "model.safetensors";
    const auto names_in = [&] {
      std::vector<std::string> names;
      const SafetensorsFile file = load_safetensors(path);
      for (const NamedTensor& each : file.tensors) names.push_back(each.name);
      return names;
    };
    const Sequential model = two_dense();
    torch::save(path, model);
    CHECK(names_in() ==
          std::vector<std::string>{"dense.bias", "dense.weight", "dense_1.bias", "dense_1.weight"});
    // Weights saved so find their layers again by name.
    torch::load_into(model, load_safetensors(path).tensors);
    torch::save(path, model, {.names = {{"net.fc1", "dense"}}, .skip = {"dense_1"}});
    CHECK(names_in() == std::vector<std::string>{"net.fc1.bias", "net.fc1.weight"});
    CHECK(error_of([&] {
            torch::save(path, model, {.names = {{"fc1", "dens"}}});
          }) == "[torch::save] the model has no layer 'dens' with weights; it has 'dense', 'dense_1'.");
    const Tensor token = variable(zeros({2}), "token");
    Model shifted([token](const Tensor& x) { return x + token; });
    shifted.build({2});
    torch::save(path, shifted);
    CHECK(names_in() == std::vector<std::string>{"token"});
  }
}

}  // namespace hekla::testing
