// Models: building, fitting, evaluating, predicting.
#include "train/model/model.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "autodiff/grad.h"
#include "graph/run/program.h"
#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "train/callbacks/callbacks.h"
#include "train/layers/layers.h"
#include "train/metrics/metrics.h"

using namespace hekla;
using namespace hekla::testing;

namespace {

// Rows of numbers between -1 and 1, each with a label that says whether their sum is positive.
Dataset rows(std::int64_t count, std::int64_t features = 4) {
  std::vector<float> x(static_cast<std::size_t>(count * features));
  std::vector<std::int32_t> labels(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    float total = 0;
    for (std::int64_t j = 0; j < features; ++j) {
      const auto at = static_cast<std::size_t>(i * features + j);
      x[at] = static_cast<float>(std::sin(1.7 * static_cast<double>(at) + 0.3 * static_cast<double>(j)));
      total += x[at];
    }
    labels[static_cast<std::size_t>(i)] = total > 0;
  }
  return {tensor(x, {count, features}), tensor(labels)};
}

Sequential classifier() {
  set_random_seed(1);
  return Sequential({Dense(5, "tanh"), Dense(2)});
}

const char* crossentropy = "sparse_categorical_crossentropy_from_logits";

std::vector<std::vector<double>> values(const std::vector<Tensor>& tensors) {
  std::vector<std::vector<double>> all;
  for (const Tensor& t : tensors) all.push_back(t.to_vector<double>());
  return all;
}

}  // namespace

TEST_CASE("model: a training learns, and its history has a number for each epoch") {
  for (const auto& device : reference_and_device()) {
    set_default_device(device);
    Sequential model = classifier();
    model.compile({.optimizer = Adam({.learning_rate = 0.05}), .loss = crossentropy, .metrics = {accuracy}});
    const Dataset data = rows(100);
    const History history =
        model.fit(data, {.batch_size = 16, .epochs = 8, .verbose = 0, .validation_split = 0.2});
    CHECK(history.epoch == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7});
    for (const char* name : {"loss", "accuracy", "val_loss", "val_accuracy"})
      CHECK_MESSAGE(history[name].size() == 8, name);
    CHECK(history["loss"].back() < 0.6 * history["loss"].front());
    CHECK(history["val_accuracy"].back() > 0.85);
    CHECK(model.epochs_trained() == 8);
    const Logs logs = model.evaluate(data.slice(80, 100), {.batch_size = 7, .verbose = 0});
    CHECK(logs["loss"] == doctest::Approx(history["val_loss"].back()).epsilon(1e-5));
    CHECK(logs["accuracy"] == doctest::Approx(history["val_accuracy"].back()).epsilon(1e-5));
  }
  set_default_device(reference());
}

TEST_CASE("model: fit makes the steps that a loop by hand makes, the smaller last batch among them") {
  reference();
  const Dataset data = rows(10);
  Sequential model = classifier();
  model.compile({.optimizer = SGD({.learning_rate = 0.1, .momentum = 0.9}), .loss = crossentropy});
  model.build({4});
  const std::vector<std::vector<double>> start = values(model.weights());
  model.fit(data, {.batch_size = 4, .epochs = 2, .verbose = 0, .shuffle = false});

  const Tensor w1 = variable(tensor(start[0], {4, 5})), b1 = variable(tensor(start[1]));
  const Tensor w2 = variable(tensor(start[2], {5, 2})), b2 = variable(tensor(start[3]));
  SGD sgd({.learning_rate = 0.1, .momentum = 0.9});
  const std::vector<Tensor> weights{w1, b1, w2, b2};
  for (int epoch = 0; epoch < 2; ++epoch) {
    for (const auto& [begin, end] : {std::pair{0, 4}, {4, 8}, {8, 10}}) {
      const Tensor x = slice(data.inputs()[0], {{begin, end}}), y = slice(data.targets()[0], {{begin, end}});
      const Tensor scores = matmul(tanh(matmul(x, w1) + b1), w2) + b2;
      const Tensor loss = sparse_categorical_crossentropy_from_logits(y, scores);
      evaluate({.updates = sgd.step(weights, grad(loss, weights))});
    }
  }
  for (std::size_t i = 0; i < weights.size(); ++i)
    CHECK(values(model.weights())[i] == weights[i].to_vector<double>());
}

TEST_CASE("model: shuffling changes the order and nothing else") {
  reference();
  const auto seen = [](bool shuffle) {
    // The examples of a batch, recorded by a layer in a variable.
    const Tensor noted = variable(zeros({6}), "noted");
    const auto note = [noted](const Tensor& x, const Mode& mode) {
      mode.update(noted, concat({slice(noted, {{2, 6}}), reshape(x, {2})}, 0));
      return x;
    };
    set_random_seed(3);
    Sequential model({note, Dense(1)});
    model.compile({.optimizer = "sgd", .loss = "mse"});
    const Dataset data(tensor({1.0, 2, 3, 4, 5, 6}, {6, 1}), tensor({1.0, 2, 3, 4, 5, 6}, {6, 1}));
    model.fit(data, {.batch_size = 2, .verbose = 0, .shuffle = shuffle});
    return noted.to_vector<double>();
  };
  const std::vector<double> plain = seen(false);
  std::vector<double> shuffled = seen(true);
  CHECK(plain == std::vector<double>{1, 2, 3, 4, 5, 6});
  CHECK(shuffled != plain);
  CHECK(shuffled == seen(true));
  std::sort(shuffled.begin(), shuffled.end());
  CHECK(shuffled == plain);
}

TEST_CASE("model: weights of samples and of classes multiply the losses") {
  reference();
  const Dataset data = rows(6);
  const auto trained = [&](const FitOptions& options, const Dataset& with) {
    Sequential model = classifier();
    model.compile({.optimizer = SGD({.learning_rate = 0.5}), .loss = crossentropy});
    FitOptions all = options;
    all.batch_size = 6;
    all.verbose = 0;
    model.fit(with, all);
    return values(model.weights());
  };
  const std::vector<std::int32_t> labels = data.targets()[0].to_vector<std::int32_t>();
  std::vector<float> weights;
  for (const std::int32_t label : labels) weights.push_back(label == 1 ? 3.0f : 0.5f);
  const auto by_class = trained({.class_weight = {{0, 0.5}, {1, 3}}}, data);
  CHECK(by_class == trained({.sample_weight = tensor(weights)}, data));
  CHECK(by_class == trained({}, data.with_sample_weight(tensor(weights))));
  CHECK(by_class != trained({}, data));
  // Labels without a class weight have weight 1.
  CHECK(trained({.class_weight = {{1, 1}}}, data) == trained({}, data));
}

TEST_CASE("model: a generator trains as the same tensors do") {
  reference();
  const Dataset data = rows(10);
  const auto generated = Dataset::from_generator([&] {
    return [&data, at = std::int64_t{0}]() mutable -> std::optional<Batch> {
      if (at == 10) return std::nullopt;
      const std::int64_t end = std::min<std::int64_t>(at + 4, 10);
      const std::vector<float> x = data.inputs()[0].to_host().to<float>();
      const std::vector<std::int32_t> y = data.targets()[0].to_host().to<std::int32_t>();
      Batch batch{.inputs = {tensor(std::vector(x.begin() + at * 4, x.begin() + end * 4), {end - at, 4})},
                  .targets = {tensor(std::vector(y.begin() + at, y.begin() + end))}};
      at = end;
      return batch;
    };
  });
  const auto trained = [&](const Dataset& with) {
    Sequential model = classifier();
    model.compile({.optimizer = "adam", .loss = crossentropy, .metrics = {"accuracy"}});
    const History history = model.fit(
        with, {.batch_size = 4, .epochs = 2, .verbose = 0, .validation_data = with, .shuffle = false});
    return std::pair(values(model.weights()), history.history);
  };
  CHECK(trained(data) == trained(generated));
}

TEST_CASE("model: any function with several inputs and outputs") {
  reference();
  set_random_seed(2);
  const Dense shared(3, "relu"), first(1), second(2);
  Model model([=](const std::vector<Tensor>& x, const Mode& mode) {
    const Tensor h = shared(x[0], mode) + shared(x[1], mode);
    return std::vector<Tensor>{first(h, mode), second(h, mode)};
  });
  model.compile(
      {.optimizer = "sgd",
       .losses = {"mse", crossentropy},
       .loss_weights = {1, 0.5},
       .metrics = {mean_metric("ones", [](const Tensor&, const Tensor& p) { return ones_like(p); })},
       .output_names = {"price", "kind"}});
  const Tensor a = tensor({1.0, 2, 3, 4}, {2, 2}), b = tensor({0.0, 1, 1, 0}, {2, 2});
  const Dataset data({a, b}, {tensor({1.0, 2}, {2, 1}), tensor(std::vector<std::int32_t>{0, 1})});
  const History history = model.fit(data, {.verbose = 0});
  CHECK(history["loss"][0] ==
        doctest::Approx(history["price_loss"][0] + 0.5 * history["kind_loss"][0]).epsilon(1e-6));
  CHECK(history["kind_ones"][0] == 1);
  CHECK(model.count_params() == 9 + 4 + 8);
  const std::vector<Tensor> outputs = model.predict_all(data);
  CHECK(outputs[0].shape() == Shape{2, 1});
  CHECK(outputs[1].shape() == Shape{2, 2});
  CHECK(error_of([&] { model.predict(data); }) ==
        "[predict] the model has 2 outputs; predict_all gives them all.");
}

namespace {

// y = scale * x + shift(x), with no base class.
struct Affine {
  Tensor scale = variable(ones({1}), "scale");
  Dense shift{1, {.name = "shift"}};
  Tensor operator()(const Tensor& x, const Mode& mode) const { return scale * x + shift(x, mode); }
};

}  // namespace

TEST_CASE("model: a struct of one's own, whose variables are found in its graph") {
  reference();
  Model model(Affine{}, {.name = "affine"});
  model.build({1});
  std::vector<std::string> labels;
  for (const Tensor& weight : model.weights()) labels.push_back(weight.node().label);
  CHECK(labels == std::vector<std::string>{"scale", "shift/kernel", "shift/bias"});
  model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse"});
  const Tensor x = tensor({-1.0, 0, 1, 2}, {4, 1});
  model.fit(x, 3 * x + 1, {.batch_size = 4, .epochs = 200, .verbose = 0});
  CHECK(model.predict(tensor({10.0}, {1, 1})).item<double>() == doctest::Approx(31).epsilon(1e-3));
}

TEST_CASE("model: a regularizer adds to the loss, a constraint holds after each step") {
  reference();
  set_random_seed(4);
  Sequential model({Dense(3, {.kernel_regularizer = l2(0.1), .kernel_constraint = max_norm(0.5)})});
  model.compile({.optimizer = SGD({.learning_rate = 0.2}), .loss = "mse"});
  model.build({2});
  const std::vector<double> kernel = model.weights()[0].to_vector<double>();
  double penalty = 0;
  for (const double w : kernel) penalty += 0.1 * w * w;
  const Tensor x = zeros({2, 2}), y = zeros({2, 3});
  const History history = model.fit(x.detach(), y.detach(), {.verbose = 0});
  CHECK(history["loss"][0] == doctest::Approx(penalty).epsilon(1e-6));
  model.fit(tensor({1.0, 2, 3, 4}, {2, 2}), tensor({9.0, 9, 9, 9, 9, 9}, {2, 3}),
            {.epochs = 3, .verbose = 0});
  const std::vector<double> after = model.weights()[0].to_vector<double>();
  for (std::size_t unit = 0; unit < 3; ++unit) CHECK(std::hypot(after[unit], after[3 + unit]) <= 0.5 + 1e-6);
}

TEST_CASE("model: layers that are not trained keep their weights") {
  reference();
  Sequential model({Dense(3, {.trainable = false}), Dense(2)});
  model.compile({.loss = crossentropy});
  model.build({4});
  CHECK(model.trainable_weights().size() == 2);
  CHECK(model.weights().size() == 4);
  const auto before = values(model.weights());
  model.fit(rows(8), {.verbose = 0});
  const auto after = values(model.weights());
  CHECK(after[0] != before[0]);  // trainable weights come first
  CHECK(after[2] == before[2]);
  CHECK(after[3] == before[3]);
}

TEST_CASE("model: steps, initial epochs and validation every other epoch") {
  reference();
  Sequential model = classifier();
  model.compile({.optimizer = "sgd", .loss = crossentropy});
  const History history = model.fit(rows(20), {.batch_size = 4,
                                               .epochs = 5,
                                               .verbose = 0,
                                               .validation_data = rows(6),
                                               .initial_epoch = 1,
                                               .steps_per_epoch = 2,
                                               .validation_freq = 2});
  CHECK(history.epoch == std::vector<int>{1, 2, 3, 4});
  CHECK(history["val_loss"].size() == 2);
  CHECK(model.optimizer().iterations().item<int>() == 8);
}

TEST_CASE("model: targets take the rank of the output, as in Keras") {
  reference();
  const Tensor x = tensor({1.0, 2, 3, 4}, {4, 1});
  const auto losses = [&](const Tensor& targets, const Sequential& model) {
    Sequential same = model;
    same.compile({.loss = "mse", .metrics = {"mse"}});
    const Logs logs = same.evaluate(x, targets, {.verbose = 0});
    CHECK(logs["mse"] == doctest::Approx(logs["loss"]));
    return logs["loss"];
  };
  const Sequential column({[](const Tensor& t) { return t * 2; }});
  CHECK(losses(tensor({2.0, 4, 6, 9}), column) == doctest::Approx(0.25));
  CHECK(losses(tensor({2.0, 4, 6, 9}, {4, 1}), column) == doctest::Approx(0.25));
  const Sequential vector({[](const Tensor& t) { return reshape(t * 2, {-1}); }});
  CHECK(losses(tensor({2.0, 4, 6, 9}, {4, 1}), vector) == doctest::Approx(0.0625 * 4));
  Sequential scores = classifier();
  scores.compile({.loss = crossentropy, .metrics = {"accuracy"}});
  const Dataset data = rows(8);
  const Tensor labels = data.targets()[0];
  const Logs flat = scores.evaluate(data, {.verbose = 0});
  const Logs column_of_labels =
      scores.evaluate(data.inputs()[0], reshape(labels, {8, 1}).detach(), {.verbose = 0});
  CHECK(flat["loss"] == column_of_labels["loss"]);
  CHECK(flat["accuracy"] == column_of_labels["accuracy"]);
}

TEST_CASE("model: mistakes are told where they are made") {
  reference();
  Sequential model = classifier();
  const Dataset data = rows(8);
  CHECK(error_of([&] { model.fit(data); }) ==
        "[fit] model 'sequential' is not compiled; call compile() with a loss first.");
  CHECK(error_of([&] { model.compile({}); }) ==
        "[compile] there is no loss; give one, such as hk::sparse_categorical_crossentropy.");
  CHECK(error_of([&] { model.weights(); }).starts_with("[weights] model 'sequential' has no weights yet"));
  CHECK(error_of([&] {
          model.compile({.loss = "mes"});
        }).starts_with("[loss] 'mes' is unknown; choose one of"));
  CHECK(error_of([&] {
          model.compile({.loss = "mse", .metrics = {"acc"}});
        }).starts_with("[metric] 'acc' is unknown; choose one of"));
  model.compile({.loss = crossentropy});
  const auto fitting = [&](const FitOptions& options) { return error_of([&] { model.fit(data, options); }); };
  CHECK(fitting({.validation_split = 1}) == "[fit] validation_split is 1; it must lie in [0, 1).");
  CHECK(fitting({.validation_split = 0.5, .validation_data = data}) ==
        "[fit] both validation_split and validation_data are given; choose one.");
  CHECK(fitting({.validation_split = 0.99}) ==
        "[fit] validation_split 0.99 of 8 examples leaves one part empty.");
  CHECK(fitting({.batch_size = 0}) == "[fit] batch_size is 0; it must be positive.");
  CHECK(fitting({.epochs = 1, .initial_epoch = 2}) ==
        "[fit] epochs 1 and initial_epoch 2; 0 <= initial_epoch <= epochs is needed.");
  CHECK(fitting({.verbose = 3}) == "[verbose] 3 is unknown; 0 is silent, 1 a bar, 2 a line for each epoch.");
  CHECK(fitting({.verbose = 0, .steps_per_epoch = 9}) ==
        "[fit] steps_per_epoch is 9, but 8 examples in batches of 8 give 1; ask for no more.");
  CHECK(fitting({.class_weight = {{-1, 1}}}).starts_with("[fit] class_weight of -1 is 1"));
  CHECK(error_of([&] {
          model.predict(tensor({1.0, 2, 3}, {1, 3}));
        }) ==
        "[dense] is called with f32[1,3], for which its kernel would be [3,5]; it was built as [4,5]. Inputs "
        "must keep the shape of the first call, but for the batch.");
  CHECK(error_of([] {
          Sequential twice({Dense(2, {.name = "a"}), Dense(2, {.name = "a"})});
          twice.build({2});
        }) == "[model] two layers are called 'a'; names must be unique.");
  CHECK(error_of([&] { model.add(Dense(3)); }) ==
        "[add] model 'sequential' is built already; add layers before.");
  CHECK(error_of([] {
          Dataset(tensor({1.0, 2}), tensor({1.0, 2, 3}));
        }) == "[dataset] a target is f32[3], but there are 2 examples of the first input.");
}
