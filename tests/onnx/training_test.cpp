// ONNX models that are trained further.
#include <doctest/doctest.h>

#include "autodiff/check_op.h"
#include "hekla.h"
#include "tests/onnx/loaded.h"
#include "tests/onnx/models.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

FitOptions epochs(int count) { return {.batch_size = 8, .epochs = count, .verbose = 0}; }

// Which of two classes a row is of.
struct Rows {
  Tensor x = pattern({16, 3});
  Tensor labels = cast(sum(x, {1}) > 0.0, i32);
};

Sequential classifier(const onnx::Function& function) {
  Sequential model({Input({3}), function, Dense(2, softmax, {.name = "head"})});
  model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "sparse_categorical_crossentropy"});
  return model;
}

ModelLayer layer_of(const Sequential& model, std::string_view name) {
  for (const ModelLayer& layer : model.layers()) {
    if (layer.name() == name) return layer;
  }
  FAIL("no such layer");
  return model.layers()[0];
}

}  // namespace

TEST_SUITE("onnx") {
  TEST_CASE("onnx: a layer of a model that is trained and saved") {
    reference();  // makes itself the default when it is opened
    if (device()) set_default_device(device());
    const Rows rows;
    const onnx::Function function = loaded(mlp(), {.name = "mlp"});
    Sequential model = classifier(function);
    CHECK(model.count_params() == 4 * 3 + 4 + 2 * 4 + 2 + 2 * 2 + 2);
    const std::vector<double> before = reference_values(function.weight("w1").detach());
    const History history = model.fit(rows.x, rows.labels, epochs(10));
    CHECK(history["loss"].back() < history["loss"].front());
    CHECK(reference_values(function.weight("w1").detach()) != before);

    const test::TemporaryFolder folder;
    model.save_weights(folder.path() / "weights.safetensors");
    Sequential other = classifier(loaded(mlp(), {.name = "mlp"}));
    other.load_weights(folder.path() / "weights.safetensors");
    CHECK(other.predict(rows.x).to_vector<float>() == model.predict(rows.x).to_vector<float>());
  }

  TEST_CASE("onnx: a frozen layer keeps its weights") {
    if (device()) set_default_device(device());
    const Rows rows;
    const onnx::Function function = loaded(mlp(), {.name = "mlp"});
    Sequential model = classifier(function);
    layer_of(model, "mlp").trainable(false);
    model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "sparse_categorical_crossentropy"});
    const std::vector<float> before = function.weight("w1").detach().to_vector<float>();
    const std::vector<float> head = layer_of(model, "head").weights()[0].detach().to_vector<float>();
    model.fit(rows.x, rows.labels, epochs(2));
    CHECK(function.weight("w1").detach().to_vector<float>() == before);
    CHECK(layer_of(model, "head").weights()[0].detach().to_vector<float>() != head);
  }

  TEST_CASE("onnx: BatchNormalization uses the batch in training and moves its statistics") {
    reference();
    const onnx::Function function = loaded(model_of(
        {.inputs = {value("x", {-1, 2})},
         .initializers = {initializer("scale", tensor({1.0, 1.0})), initializer("shift", tensor({0.0, 0.0})),
                          initializer("mean", tensor({0.0, 0.0})),
                          initializer("variance", tensor({1.0, 1.0}))},
         .nodes = {node("BatchNormalization", {"x", "scale", "shift", "mean", "variance"}, {"y"},
                        {attribute("momentum", 0.75f), attribute("epsilon", 0.0f)})},
         .outputs = {value("y", {-1, 2})}}));
    // Both columns have variance 5; the means are 4 and 3.
    const Tensor x = tensor({{1.0, 2.0}, {3.0, 6.0}, {5.0, 4.0}, {7.0, 0.0}});
    const Mode mode = training();
    check_values(function(x, mode), {4, 2},
                 {-1.34164079, -0.447213595, -0.447213595, 1.34164079, 0.447213595, 0.447213595, 1.34164079,
                  -1.34164079});
    REQUIRE(mode.record().updates.size() == 2);
    evaluate({.updates = mode.record().updates}, reference());
    check_values(function.weight("mean"), {2}, {1, 0.75});
    check_values(function.weight("variance"), {2}, {2, 2});
    check_values(function(tensor({{1.0, 0.75}})), {1, 2}, {0, 0});
  }

  TEST_CASE("onnx: Dropout drops in training alone") {
    reference();
    const onnx::Function function = loaded(model_of({.inputs = {value("x", {-1})},
                                                     .initializers = {initializer("ratio", full({}, 0.25))},
                                                     .nodes = {node("Dropout", {"x", "ratio"}, {"y"})},
                                                     .outputs = {value("y", {-1})}}));
    const Tensor x = ones({1000});
    CHECK(reference_values(function(x)) == std::vector<double>(1000, 1));
    int dropped = 0;
    for (const double each : reference_values(function(x, training()))) {
      CHECK((each == 0 || each == doctest::Approx(4.0 / 3)));
      dropped += each == 0;
    }
    CHECK(dropped > 200);
    CHECK(dropped < 300);
  }

  TEST_CASE("onnx: gradients of a network") {
    onnx::ModelProto model = conv_net();
    onnx::GraphProto& graph = model.graph;
    // What would be a weight is an operand here.
    std::erase_if(graph.initializer, [](const onnx::TensorProto& each) {
      return each.name == "kernel" || each.name == "scale";
    });
    graph.input.push_back(value("kernel", {3, 2, 3, 3}));
    graph.input.push_back(value("scale", {3}));
    const onnx::Function function = loaded(model);
    check_op(
        "conv_net",
        [&](const auto& x) {
          return function({x[0], x[1], x[2]})[0];
        },
        {{.shape = {2, 2, 6, 6}}, {.shape = {3, 2, 3, 3}}, {.shape = {3}, .low = 0.5, .high = 1.5}},
        {.tolerance = 1e-4, .derivatives = 1}, reference_and_device());
  }
}

}  // namespace hekla::testing
