// ONNX models as functions. Expected numbers are onnxruntime's for the same files, unless a test says otherwise.
#include "train/onnx/load.h"

#include <doctest/doctest.h>

#include <limits>

#include "hekla.h"
#include "tests/onnx/loaded.h"
#include "tests/onnx/models.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

using Strings = std::vector<std::string>;
using onnx::ElementType;

Strings names_of(const std::vector<NamedTensor>& weights) {
  Strings names;
  for (const NamedTensor& weight : weights) names.push_back(weight.name);
  return names;
}

std::vector<Tensor> outputs_of(const onnx::Function& function, const std::vector<Tensor>& inputs) {
  return function(inputs);
}

onnx::ModelProto with_constant(onnx::TensorProto constant, std::string_view op_type) {
  const ElementType type = constant.type == ElementType::f64 ? ElementType::f64 : ElementType::i64;
  return model_of({.inputs = {value("x", {2}, type)},
                   .initializers = {std::move(constant)},
                   .nodes = {node(op_type, {"x", "c"}, {"y"}, {}, "sum1")},
                   .outputs = {value("y", {2}, type)}});
}

}  // namespace

TEST_SUITE("onnx") {
  TEST_CASE("onnx: a model is a function of any batch") {
    const onnx::Function function = loaded(mlp());
    CHECK(function.name() == "net");
    REQUIRE(function.inputs().size() == 1);
    CHECK(function.inputs()[0].name == "x");
    CHECK(function.inputs()[0].shape == std::vector<std::int64_t>{-1, 3});
    CHECK(function.outputs()[0].shape == std::vector<std::int64_t>{-1, 2});
    expect([&] { return function(pattern({2, 3})); }, {2, 2}, f32, {-0.3125, 1.625, -0.8515625, 0.6015625});
    expect([&] { return function(pattern({1, 3})); }, {1, 2}, f32, {-0.3125, 1.625});
    CHECK(function(pattern({7, 3})).shape() == Shape{7, 2});
  }

  TEST_CASE("onnx: a network of images") {
    const onnx::Function function = loaded(conv_net());
    expect(
        [&] {
          return function(pattern({2, 2, 6, 6}));
        },
        {2, 3}, f32, {0, 0.70912719, 0, 0.013888253, 0.72999656, 0.17215192});
  }

  TEST_CASE("onnx: If takes a branch, Loop and Scan are loops") {
    const onnx::Function taken = loaded(branches(true)), other = loaded(branches(false));
    expect([&] { return taken(pattern({2, 3})); }, {2, 3}, f32, {0.375, 1.25, 0.75, 1.625, 1.125, 0.625});
    expect([&] { return other(pattern({2, 3})); }, {2, 3}, f32, {-1.25, 0.5, -0.5, 1.25, 0.25, -0.75});
    const onnx::Function repeated = loaded(loop(3));
    expect([&] { return outputs_of(repeated, {pattern({3})})[0]; }, {3}, f32,
           {0.91821289, 1.3164062, 0.81640625});
    expect([&] { return outputs_of(repeated, {pattern({3})})[1]; }, {3, 3}, f32,
           {1.390625, 1.0625, 1.0625, 0.13085938, 1.265625, 0.734375, 0.91821289, 1.3164062, 0.81640625});
    const onnx::Function summed = loaded(running_sums());
    expect([&] { return outputs_of(summed, {pattern({5, 2})})[0]; }, {2}, f32, {-0.75, 0.875});
    expect(
        [&] {
          return outputs_of(summed, {pattern({5, 2})})[1];
        },
        {5, 2}, f32, {-0.625, 0.25, -0.875, 0.875, -0.75, 0.5, -0.25, 0.5, -0.75, 0.875});
  }

  TEST_CASE("onnx: a loop whose condition is a constant") {
    const auto function = [](bool goes_on) {
      onnx::ModelProto model = loop(3);
      onnx::NodeProto& condition = model.graph.node[0].attribute[0].graphs[0].node[0];
      condition = node("Constant", {}, {"go_on"},
                       {attribute("value", initializer("", tensor(std::vector<bool>{goes_on})))});
      return loaded(model);
    };
    const onnx::Function always = function(true), once = function(false);
    CHECK(outputs_of(always, {pattern({3})})[1].shape() == Shape{3, 3});
    expect([&] { return outputs_of(once, {pattern({3})})[0]; }, {3}, f32, {1.390625, 1.0625, 1.0625});
  }

  TEST_CASE("onnx: functions take attributes of their callers") {
    const onnx::Function function = loaded(with_functions());
    expect([&] { return function(pattern({3})); }, {3}, f32, {-0.25, 1.5, 0.5});
  }

  TEST_CASE("onnx: shapes may be computed") {
    const onnx::Function function = loaded(computed_shape());
    expect([&] { return function(pattern({1, 4})); }, {1, 2, 2}, f32, {-0.625, 0.25, -0.25, 0.625});
    CHECK(function(pattern({3, 4})).shape() == Shape{3, 2, 2});
  }

  TEST_CASE("onnx: integers of 64 bits are computed as i32, numbers as f32") {
    const onnx::Function sum = loaded(with_constant(int64s("c", {1, -7}), "Add"));
    CHECK(sum.inputs()[0].dtype == i32);
    expect([&] { return sum(tensor({5, 6})); }, {2}, i32, {6, -1});
    const onnx::Function doubled = loaded(with_constant(doubles("c", {0.1, 1e300}), "Mul"));
    CHECK(doubled.inputs()[0].dtype == f32);
    expect(
        [&] {
          return doubled(tensor({2.0, 1.0}));
        },
        {2}, f32, {0.2, std::numeric_limits<double>::infinity()});
    const onnx::Function large = loaded(with_constant(int64s("c", {1, std::int64_t{1} << 40}), "Add"));
    CHECK(error_of([&] {
            large(tensor({5, 6}));
          })
              .ends_with("net.onnx, node 'sum1' (Add): 'c' holds integers of more than 32 bits; hekla "
                         "computes with i32."));
  }

  TEST_CASE("onnx: a slice to the end, which exporters write as the largest integer") {
    const onnx::Function function = loaded(model_of(
        {.inputs = {value("x", {-1})},
         .initializers = {int64s("from", {1}), int64s("to", {9223372036854775807}), int64s("axes", {0}),
                          int64s("back", {-9223372036854775807 - 1}), int64s("step", {-1})},
         .nodes = {node("Slice", {"x", "from", "to", "axes"}, {"tail"}),
                   node("Slice", {"x", "to", "back", "axes", "step"}, {"reversed"})},
         .outputs = {value("tail", {-1}), value("reversed", {-1})}}));
    expect([&] { return outputs_of(function, {tensor({1, 2, 3}, f32)})[0]; }, {2}, f32, {2, 3});
    expect([&] { return outputs_of(function, {tensor({1, 2, 3}, f32)})[1]; }, {3}, f32, {3, 2, 1});
  }

  TEST_CASE("onnx: weights keep their names; is_trainable chooses them") {
    const onnx::Function net = loaded(conv_net());
    CHECK(names_of(net.weights()) == Strings{"kernel", "bias", "scale", "shift", "mean", "variance"});
    CHECK(net.weight("kernel").shape() == Shape{3, 2, 3, 3});
    CHECK(error_of([&] { net.weight("kernels"); }) ==
          "[net] has no weight 'kernels'; it has: kernel, bias, scale, shift, mean, variance.");
    const onnx::Function biased =
        loaded(mlp(), {.is_trainable = [](std::string_view name) { return name[0] == 'b'; }});
    CHECK(names_of(biased.weights()) == Strings{"b1", "b2"});
    const Tensor x = pattern({2, 3});
    const std::vector<double> before = reference_values(loaded(mlp())(x));
    CHECK(reference_values(biased(x)) == before);
    assign(biased.weight("b2"), zeros({2}));
    CHECK(reference_values(biased(x)) != before);
  }

  TEST_CASE("onnx: the function may end at any value") {
    const onnx::Function features = loaded(mlp(), {.name = "features", .outputs = {"active", "hidden"}});
    CHECK(features.name() == "features");
    CHECK(names_of(features.weights()) == Strings{"w1", "b1"});
    REQUIRE(features.outputs().size() == 2);
    CHECK(features.outputs()[1].name == "hidden");
    const std::vector<Tensor> outputs = outputs_of(features, {pattern({2, 3})});
    CHECK(reference_values(relu(outputs[1])) == reference_values(outputs[0]));
    CHECK(error_loading(mlp(), {.outputs = {"actve"}}) ==
          "[onnx::load] FILE: no node makes the output 'actve' that is asked for.");
  }

  TEST_CASE("onnx: elements may lie in a file beside the model, and nowhere else") {
    const test::TemporaryFolder folder;
    const std::vector<std::byte> elements = files::encode(pattern({4, 3}));
    write(folder, "w1.bin",
          std::string(8, 'x') + std::string(reinterpret_cast<const char*>(elements.data()), 48));
    const auto outside = [](const std::string& location) {
      onnx::ModelProto model = mlp();
      model.graph.initializer[0].external.emplace();
      *model.graph.initializer[0].external = {{"location", location}, {"offset", "8"}, {"length", "48"}};
      return onnx::written(model);
    };
    const onnx::Function function = onnx::load(write(folder, "net.onnx", outside("w1.bin")));
    CHECK(reference_values(function.weight("w1")) == reference_values(pattern({4, 3})));
    for (const char* location : {"../w1.bin", "a/../../w1.bin", "/etc/passwd"}) {
      CHECK(error_loading(outside(location)) == "[onnx::load] FILE: tensor 'w1': its elements lie in '" +
                                                    std::string(location) +
                                                    "'; only files in the folder of the model are read.");
    }
    CHECK(error_loading(outside("w2.bin")).ends_with("w2.bin: no such file."));
  }
}

}  // namespace hekla::testing
