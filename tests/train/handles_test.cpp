// What users hold: models, layers and their texts.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sstream>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

Tensor images() { return reshape(sin(cast(arange(24), f32)), {6, 4}); }
Tensor labels() { return tensor({0, 1, 2, 2, 1, 0}); }

Sequential small_model() {
  set_random_seed(5);
  return Sequential({Input({4}), Dense(5, tanh, {.name = "body"}), Dense(3, {.name = "head"})});
}

CompileOptions with_sgd() {
  return {.optimizer = SGD({.learning_rate = 0.1}),
          .loss = "sparse_categorical_crossentropy_from_logits",
          .metrics = {accuracy}};
}

template <class T>
std::string printed(const T& x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("frozen layers keep their weights, and are trained again when unfrozen") {
    reference();
    Sequential model = small_model();
    ModelLayer body = model.get_layer("body");
    CHECK(body.trainable());
    body.trainable(false);
    model.compile(with_sgd());
    CHECK(model.trainable_weights().size() == 2);
    const std::vector<float> kernel = body.weights()[0].to_vector();
    const std::vector<float> head = model.get_layer("head").weights()[0].to_vector();
    model.fit(images(), labels(), {.epochs = 2, .verbose = 0});
    CHECK(body.weights()[0].to_vector() == kernel);
    CHECK(model.get_layer("head").weights()[0].to_vector() != head);
    body.trainable(true);
    CHECK(contains(error_of([&] { model.fit(images(), labels(), {.verbose = 0}); }), "call compile() again"));
    model.compile(with_sgd());
    CHECK(model.trainable_weights().size() == 4);
    model.fit(images(), labels(), {.verbose = 0});
    CHECK(body.weights()[0].to_vector() != kernel);
    CHECK(contains(error_of([&] { model.get_layer("tail"); }), "no layer 'tail'; it has 'body', 'head'"));
  }

  TEST_CASE("a frozen BatchNormalization, also inside another model, uses and keeps its moving statistics") {
    reference();
    Sequential fixed({Input({4}), BatchNormalization({.trainable = false}), Dense(3)});
    CHECK(fixed.trainable_weights().size() == 2);  // those of Dense
    Sequential inner({Input({4}), BatchNormalization({.name = "norm"})}, {.name = "inner"});
    Sequential model({Input({4}), inner, Dense(3)});
    model.get_layer("inner").trainable(false);
    model.compile(with_sgd());
    const std::vector<Tensor> before = inner.get_weights();
    model.fit(images(), labels(), {.verbose = 0});
    const std::vector<Tensor> after = inner.get_weights();
    REQUIRE(before.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
      CAPTURE(i);
      CHECK(before[i].to_vector() == after[i].to_vector());
    }
  }

  TEST_CASE("a model called with other weights: gradients reach them") {
    reference();
    const Sequential model = small_model();
    const std::vector<Tensor> weights = model.trainable_weights();
    // One step of gradient descent on one task, then the gradient of the loss after it (MAML).
    const auto loss = [&](const Tensor& scores) {
      return sparse_categorical_crossentropy_from_logits(labels(), scores);
    };
    const std::vector<Tensor> gradients = grad(loss(model(images())), weights);
    std::vector<Tensor> adapted;
    for (std::size_t i = 0; i < weights.size(); ++i) adapted.push_back(weights[i] - 0.5 * gradients[i]);
    const Tensor after = loss(model(images(), {.weights = adapted}));
    CHECK(after.item() < loss(model(images())).item());
    for (const Tensor& slope : grad(after, weights)) CHECK(norm(slope).item() > 0);
    // The same weights give the same outputs; values are compared with a model that holds them.
    Sequential other = small_model();
    other.set_weights(adapted);
    CHECK(model(images(), {.weights = adapted}).to_vector() == other(images()).to_vector());
    CHECK(contains(error_of([&] { model(images(), {.weights = std::vector{adapted[0]}}); }),
                   "1 values for 4 weights"));
    std::swap(adapted[0], adapted[2]);
    CHECK(contains(error_of([&] { model(images(), {.weights = adapted}); }), "cannot stand for"));
    const Tensor scale = variable(ones({4}), "scale");
    Model function([scale](const Tensor& x) { return x * scale; });
    function.build({4});
    CHECK(contains(error_of([&] { function(images(), {.weights = std::vector{ones({4})}}); }),
                   "is no weight of a layer"));
  }

  TEST_CASE("train_on_batch is a step of fit, test_on_batch an evaluation") {
    reference();
    Sequential one = small_model(), other = small_model();
    one.compile(with_sgd()), other.compile(with_sgd());
    for (int i = 0; i < 3; ++i) {
      const History history = one.fit(images(), labels(), {.batch_size = 6, .verbose = 0, .shuffle = false});
      const Logs tested = other.test_on_batch(images(), labels());
      const Logs logs = other.train_on_batch(images(), labels());
      CHECK(logs["loss"] == doctest::Approx(history["loss"][0]).epsilon(1e-6));
      CHECK(logs["accuracy"] == history["accuracy"][0]);
      CHECK(tested["loss"] == doctest::Approx(logs["loss"]).epsilon(1e-6));
    }
    CHECK(one.get_weights()[0].to_vector() == other.get_weights()[0].to_vector());
    CHECK(contains(error_of([&] { small_model().train_on_batch(images(), labels()); }), "[train_on_batch]"));
    CHECK(contains(error_of([&] { other.test_on_batch(images(), tensor({0, 1})); }), "there are 6 examples"));
  }

  TEST_CASE("metrics of each output") {
    reference();
    Model model([dense = Dense(3), other = Dense(1)](const std::vector<Tensor>& x, const Mode& mode) {
      return std::vector<Tensor>{dense(x[0], mode), other(x[0], mode)};
    });
    const CompileOptions options{
        .losses = {"sparse_categorical_crossentropy_from_logits", "mean_squared_error"},
        .metrics_by_output = {{accuracy}, {"mean_absolute_error"}},
        .output_names = {"class", "size"}};
    model.compile(options);
    const Dataset data({images()}, {labels(), ones({6, 1})});
    const Logs logs = model.evaluate(data, {.verbose = 0});
    CHECK(logs.find("class_accuracy") != nullptr);
    CHECK(logs.find("size_mean_absolute_error") != nullptr);
    CHECK(logs.find("size_accuracy") == nullptr);
    CompileOptions wrong = options;
    wrong.metrics_by_output = {{accuracy}};
    CHECK(contains(error_of([&] { model.compile(wrong); }), "1 metrics_by_output for 2 losses"));
  }

  TEST_CASE("texts of models, layers, data sets, optimizers, logs and histories") {
    reference();
    Sequential model = small_model();
    CHECK(printed(model) == model.summary());
    CHECK(printed(Sequential({Dense(3)})) == "Model: \"sequential\", which is not built yet");
    ModelLayer body = model.get_layer("body");
    CHECK(printed(body) == "Dense 'body', 25 parameters");
    body.trainable(false);
    CHECK(fmt::format("{}", body) == "Dense 'body', 25 parameters, frozen");
    CHECK(printed(Dataset(images(), labels())) == "6 examples: f32[4] with targets i32[]");
    CHECK(printed(Optimizer(Adam())) == "adam, learning rate 0.001, 0 steps");
    CHECK(printed(Optimizer(MultiOptimizer(OptimizerMap(SGD())))) ==
          "multi_optimizer, several learning rates, 0 steps");
    Logs logs;
    logs.set("loss", 0.25);
    logs.set("accuracy", 1);
    CHECK(printed(logs) == "loss: 0.2500 - accuracy: 1.0000");
    const History history{.epoch = {0, 1}, .history = {{"loss", {0.5, 0.25}}, {"val_accuracy", {0.5}}}};
    CHECK(printed(history) ==
          "epoch      loss  val_accuracy\n"
          "    1    0.5000              \n"
          "    2    0.2500              ");
  }

  TEST_CASE("maps of targets, and of whole batches") {
    reference();
    const Dataset plain(images(), labels());
    const auto loss_of = [](const Dataset& data, const char* loss) {
      Sequential model = small_model();
      model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = loss});
      return model.fit(data, {.batch_size = 3, .epochs = 2, .verbose = 0, .shuffle = false})["loss"].back();
    };
    const double expected = loss_of(plain, "sparse_categorical_crossentropy_from_logits");
    const Dataset one_hots = plain.map_targets([](const Tensor& y) { return one_hot(y, 3); });
    CHECK(loss_of(one_hots, "categorical_crossentropy_from_logits") ==
          doctest::Approx(expected).epsilon(1e-6));
    CHECK(small_model().predict(one_hots, {.verbose = 0}).shape() == Shape{6, 3});
    // Labels that only the map makes right.
    const Dataset shifted =
        Dataset(images(), labels() + 7).map_targets([](const Tensor& y) { return y - 7; });
    CHECK(loss_of(shifted, "sparse_categorical_crossentropy_from_logits") == expected);
    const Dataset weighted = plain.map_batch([](const Batch& batch, const Mode&) {
      Batch result = batch;
      if (!batch.targets.empty()) result.sample_weight = cast(batch.targets[0] < 1, f32);
      return result;
    });
    const Dataset by_hand(images(), labels(), tensor({1.0, 0, 0, 0, 0, 1}));
    CHECK(loss_of(weighted, "sparse_categorical_crossentropy_from_logits") ==
          doctest::Approx(loss_of(by_hand, "sparse_categorical_crossentropy_from_logits")).epsilon(1e-6));
    CHECK(contains(error_of([&] { plain.map_batch(nullptr); }), "is empty"));
    // Targets are there when a model is built, too.
    Sequential unbuilt({Dense(1)});
    unbuilt.compile({.optimizer = SGD(), .loss = mean_squared_error});
    CHECK_NOTHROW(unbuilt.fit(plain.map_batch([](const Batch& batch, const Mode&) {
      return Batch{.inputs = batch.inputs, .targets = {batch.targets.at(0) * 2}, .sample_weight = {}};
    }),
                              {.epochs = 1, .verbose = 0}));
  }

  TEST_CASE("predictions of a const model") {
    reference();
    const Sequential model = small_model();
    CHECK(model.predict(images()).shape() == Shape{6, 3});
  }
}

}  // namespace hekla::testing
