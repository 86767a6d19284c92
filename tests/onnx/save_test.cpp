// Models written as ONNX and read again give what they gave before.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "graph/error.h"
#include "ops/ops.h"
#include "tests/onnx/written_models.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/temporary_folder.h"
#include "train/layers/layers.h"
#include "train/onnx/load.h"
#include "train/onnx/proto.h"
#include "train/onnx/save.h"

namespace hekla::testing {

namespace {}  // namespace

namespace {

const Op named_op{.name = "my_gaussian",
                  .kind = Kind::elementwise,
                  .arity = 1,
                  .infer = float_operands,
                  .glsl = "exp(-{0} * {0})",
                  .eval = [](std::span<const double> x, DType) { return std::exp(-x[0] * x[0]); },
                  .onnx = "com.example:Gaussian"};
const Op unnamed_op{.name = "my_gaussian",
                    .kind = Kind::elementwise,
                    .arity = 1,
                    .infer = float_operands,
                    .glsl = "exp(-{0} * {0})",
                    .eval = named_op.eval};

onnx::ModelProto read(const std::filesystem::path& path) {
  files::Source source("onnx::load", path);
  return onnx::read_model(source, path.parent_path());
}

std::vector<std::string> operations(const std::vector<onnx::NodeProto>& nodes) {
  std::vector<std::string> names;
  for (const onnx::NodeProto& node : nodes) names.push_back(node.op_type);
  return names;
}

void expect_near(const std::vector<double>& actual, const std::vector<double>& expected) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i)
    CHECK(actual[i] == doctest::Approx(expected[i]).epsilon(1e-5));
}

}  // namespace

TEST_SUITE("onnx") {
  TEST_CASE("onnx: models that are written and read again") {
    const test::TemporaryFolder folder;
    for (const WrittenModel& written : written_models()) {
      CAPTURE(written.name);
      const auto path = folder.path() / (written.name + ".onnx");
      try {
        onnx::save(written.model, path);
      } catch (const Error& error) {
        FAIL_CHECK(error.what());
        continue;
      }
      const onnx::Function read = onnx::load(path);
      const std::vector<Tensor> expected = written.outputs();
      const std::vector<Tensor> actual = read(written.inputs);
      REQUIRE(actual.size() == expected.size());
      for (std::size_t i = 0; i < actual.size(); ++i) {
        REQUIRE(actual[i].shape() == expected[i].shape());
        CHECK(actual[i].dtype() == expected[i].dtype());
        expect_near(reference_values(actual[i]), reference_values(expected[i]));
      }
    }
  }

  TEST_CASE("onnx: a written model has single operations, names of layers and a batch of any size") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "model.onnx";
    set_random_seed(1);
    Sequential model(
        {Conv2D(4, 3, "relu"), BatchNormalization(), MaxPooling2D(2), Flatten(), Dense(3, "softmax")},
        {.name = "classifier"});
    model.build({6, 6, 1});
    onnx::save(model, path, {.doc_string = "Three classes."});
    const onnx::ModelProto file = read(path);
    CHECK(operations(file.graph.node) == std::vector<std::string>{"Transpose", "Conv", "Relu",
                                                                  "BatchNormalization", "MaxPool",
                                                                  "Transpose", "Reshape", "Gemm", "Softmax"});
    CHECK(file.producer_name == "hekla");
    CHECK(file.opset_import.at("") == 17);
    CHECK(file.ir_version == 8);
    CHECK(file.doc_string == "Three classes.");
    CHECK(file.graph.name == "classifier");
    CHECK(file.graph.node[1].name == "conv2d/Conv");
    CHECK(file.graph.initializer[0].name == "conv2d/kernel");
    CHECK(file.graph.initializer[0].shape == Shape{4, 1, 3, 3});
    REQUIRE(file.graph.input.size() == 1);
    CHECK(file.graph.input[0].name == "input");
    CHECK((*file.graph.input[0].shape)[0].name == "batch");
    CHECK((*file.graph.input[0].shape)[1].size == 6);
    CHECK(file.graph.output[0].name == "output");
    CHECK(!file.graph.value_info.empty());
    const onnx::Function again = onnx::load(path);
    CHECK(again(ones({1, 6, 6, 1})).shape() == Shape{1, 3});
    CHECK(again(ones({7, 6, 6, 1})).shape() == Shape{7, 3});
  }

  TEST_CASE("onnx: opsets, names, a fixed batch and weights beside the model") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "model.onnx";
    set_random_seed(1);
    Sequential model({Conv2D(4, 3), GlobalMaxPooling2D(), Dense(64), Dense(3)});
    model.build({8, 8, 3});
    const Tensor x = random_normal({2, 8, 8, 3}, random_key(3)).detach();
    const std::vector<double> expected = reference_values(model(x));
    for (const std::int64_t opset : {13, 17, 18, 24}) {
      CAPTURE(opset);
      onnx::save(model, path, {.opset = opset, .input_names = {"image"}, .output_names = {"scores"}});
      CHECK(read(path).graph.output[0].name == "scores");
      const onnx::Function again = onnx::load(path);
      CHECK(again.inputs()[0].name == "image");
      CHECK(again.inputs()[0].shape == std::vector<std::int64_t>{-1, 8, 8, 3});
      expect_near(reference_values(again(x)), expected);
    }
    onnx::save(model, path, {.batch = 2, .weights = onnx::Weights::beside});
    CHECK(std::filesystem::file_size(folder.path() / "model.onnx.data") >= 4 * 3 * 9 * 4);
    const onnx::Function fixed = onnx::load(path);
    CHECK(fixed.inputs()[0].shape == std::vector<std::int64_t>{2, 8, 8, 3});
    expect_near(reference_values(fixed(x)), expected);
  }

  TEST_CASE("onnx: what is read is written again as it was") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "model.onnx";
    set_random_seed(1);
    Sequential sequence(
        {Dense(4, "tanh"), LayerNormalization(), GRU(3, {.return_sequences = true}), LSTM(5), Dense(2)});
    sequence.build({5, 3});
    onnx::save(sequence, path);
    const onnx::Function once = onnx::load(path);
    const Tensor like = zeros({2, 5, 3});
    const auto second = folder.path() / "second.onnx";
    onnx::save(Layer(once), {like}, second);
    for (const char* op : {"MatMul", "LayerNormalization", "GRU", "LSTM", "Gemm"}) {
      CAPTURE(op);
      CHECK(std::ranges::count(operations(read(second).graph.node), op) == 1);
    }
    const Tensor x = random_normal({3, 5, 3}, random_key(3)).detach();
    expect_near(reference_values(onnx::load(second)(x)), reference_values(sequence(x)));
  }

  TEST_CASE("onnx: an operation of one's own") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "function.onnx";
    const Tensor x = input("x", {2, 3});
    // Written under the name that its descriptor gives.
    onnx::save(Layer([](const Tensor& y) { return apply(named_op, {y}); }), {x}, path);
    const onnx::ModelProto file = read(path);
    CHECK(file.graph.node[0].op_type == "Gaussian");
    CHECK(file.graph.node[0].domain == "com.example");
    CHECK(file.opset_import.at("com.example") == 1);
    // Without, everything that has no counterpart is named.
    const std::string refused = error_of([&] {
      onnx::save(Layer([](const Tensor& y) { return apply(unnamed_op, {y}) + lgamma(y); }), {x}, path);
    });
    CHECK(refused.find("my_gaussian") != std::string::npos);
    CHECK(refused.find("lgamma") != std::string::npos);
    CHECK(refused.find("Op::onnx") != std::string::npos);
    // The file of before is still there.
    CHECK(read(path).graph.node[0].op_type == "Gaussian");
  }

  TEST_CASE("onnx: what cannot be written says why") {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "model.onnx";
    Sequential model({Dense(3)});
    CHECK(error_of([&] { onnx::save(model, path); }).find("[onnx::save]") != std::string::npos);
    model.build({4});
    CHECK(error_of([&] { onnx::save(model, path, {.opset = 12}); }) ==
          "[onnx::save] opset 12; those from 13 to 24 are written.");
    CHECK(error_of([&] {
            onnx::save(model, path, {.output_names = {"a", "b"}});
          }) == "[onnx::save] 2 output names for 1 outputs; give one for each.");
    // A value that is as large as the batch.
    const Layer by_batch([](const Tensor& x) { return x * static_cast<double>(x.size(0)); });
    CHECK(error_of([&] {
            onnx::save(by_batch, {input("x", {2, 3})}, path);
          }).find("SaveOptions::batch") != std::string::npos);
    onnx::save(by_batch, {input("x", {2, 3})}, path, {.batch = 4});
    CHECK(reference_values(onnx::load(path)(ones({4, 3})))[0] == 4);
    CHECK_THROWS(onnx::save(model, folder.path() / "missing" / "model.onnx"));
  }
}

}  // namespace hekla::testing
