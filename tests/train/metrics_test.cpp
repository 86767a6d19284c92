// Metrics against the examples of Keras's, TensorFlow's and scikit-learn's documentation.
#include "train/metrics/metrics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "graph/run/evaluator.h"
#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/metric_result.h"
#include "train/metrics/running.h"

using namespace hekla;
using namespace hekla::testing;

namespace {

Tensor labels(const std::vector<std::int32_t>& numbers) { return tensor(numbers); }

}  // namespace

TEST_SUITE("metrics") {
  TEST_CASE("metrics: accuracies, as in keras.metrics' examples, weighted and in batches") {
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      const Tensor one_hot = tensor({0.0, 0, 1, 0, 1, 0}, {2, 3});
      const Tensor predicted = tensor({0.1, 0.9, 0.8, 0.05, 0.95, 0}, {2, 3});
      const Tensor weight = tensor({0.7, 0.3});
      CHECK(result(categorical_accuracy(), one_hot, predicted) == 0.5);
      CHECK(result(categorical_accuracy(), one_hot, predicted, weight) == doctest::Approx(0.3));
      CHECK(result(sparse_categorical_accuracy(), labels({2, 1}), predicted) == 0.5);
      CHECK(result(sparse_categorical_accuracy(), reshape(labels({2, 1}), {2, 1}), predicted) == 0.5);
      CHECK(result(top_k_categorical_accuracy(1), one_hot, predicted) == 0.5);
      CHECK(result(top_k_categorical_accuracy(1), one_hot, predicted, weight) == doctest::Approx(0.3));
      CHECK(result(sparse_top_k_categorical_accuracy(2), labels({2, 1}), predicted) == 1);
      const Tensor truth = tensor({1.0, 1, 0, 0}, {4, 1}), sure = tensor({0.98, 1, 0, 0.6}, {4, 1});
      CHECK(result(binary_accuracy(), truth, sure) == 0.75);
      CHECK(result(binary_accuracy(), truth, sure, tensor({1.0, 0, 0, 1})) == 0.5);
      CHECK(result(binary_accuracy(0.7), truth, sure) == 1);
      // Batches of different sizes are weighted by their number of examples.
      CHECK(result(binary_accuracy(), truth, sure, {}, 3) == 0.75);
    }
    set_default_device(reference());
  }

  TEST_CASE("metrics: 'accuracy' is resolved from the shapes") {
    reference();
    const Tensor scores = tensor({0.1, 0.9, 0.8, 0.2}, {2, 2});
    CHECK(result("accuracy", labels({1, 1}), scores) == 0.5);
    CHECK(result("accuracy", tensor({0.0, 1, 1, 0}, {2, 2}), scores) == 1);
    CHECK(result("accuracy", labels({1, 0}), tensor({0.7, 0.6}, {2, 1})) == 0.5);
    CHECK(result(accuracy, labels({1, 0}), tensor({0.7, 0.4})) == 1);
    CHECK(error_of([&] {
            result("accuracy", zeros({2, 3, 4}), scores);
          }).starts_with("[metric] targets f32[2,3,4] and predictions f32[2,2] do not belong together"));
  }

  TEST_CASE("metrics: a NaN among the predictions is above them all, and NaN weights show") {
    reference();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const Tensor scores = tensor({nan, 0.2, 0.1, 0.3, 0.2, 0.1}, {2, 3});
    CHECK(result(accuracy, labels({0, 0}), scores) == 1);  // the first of ties, as np.argmax
    CHECK(result(accuracy, labels({1, 0}), scores) == 0.5);
    CHECK(result(top_k_categorical_accuracy(1), labels({0, 0}), scores) == 0.5);
    CHECK(result(top_k_categorical_accuracy(1), labels({1, 0}), scores) == 0.5);
    CHECK(result(top_k_categorical_accuracy(2), labels({1, 1}), scores) == 1);
    CHECK(std::isnan(result(precision(), tensor({1.0, 1}), tensor({1.0, 1}), tensor({nan, 1}))));
    CHECK(std::isnan(result("mae", tensor({1.0, 1}, {2, 1}), tensor({nan, 1}, {2, 1}))));
  }

  TEST_CASE("metrics: precision, recall and the area under the curve, as in keras.metrics' examples") {
    reference();
    const Tensor truth = tensor({0.0, 1, 1, 1}), predicted = tensor({1.0, 0, 1, 1});
    CHECK(result(precision(), truth, predicted) == doctest::Approx(2.0 / 3));
    CHECK(result(precision(), truth, predicted, tensor({0.0, 0, 1, 0})) == 1);
    CHECK(result(recall(), truth, predicted) == doctest::Approx(2.0 / 3));
    CHECK(result(recall(), truth, predicted, tensor({0.0, 0, 1, 0})) == 1);
    CHECK(result(precision(), zeros({2}), zeros({2})) == 0);
    const Tensor halves = tensor({0.0, 0, 1, 1}), sure = tensor({0, 0.5, 0.3, 0.9});
    CHECK(result(auc(3), halves, sure) == doctest::Approx(0.75));
    CHECK(result(auc(3), halves, sure, tensor({1.0, 0, 0, 1})) == doctest::Approx(1));
    CHECK(result(auc(3), halves, sure, {}, 1) == doctest::Approx(0.75));
    CHECK(result(auc(), halves, sure) == doctest::Approx(0.75).epsilon(0.01));
    CHECK(error_of([] { auc(1); }) == "[auc] 1 thresholds; at least 2 are needed.");
  }

  TEST_CASE("metrics: the confusion matrix of TensorFlow's example, F1 of scikit-learn's") {
    reference();
    RunningMetrics running;
    const Tensor predictions = one_hot(labels({2, 2, 4}), 5);
    evaluate({.updates = running.add("matrix", confusion_matrix(), labels({1, 2, 4}), predictions, {})});
    std::vector<double> expected(25);
    expected[1 * 5 + 2] = expected[2 * 5 + 2] = expected[4 * 5 + 4] = 1;
    CHECK(running.read().tensors.at("matrix").to_vector<double>() == expected);
    CHECK(result("f1_score", labels({0, 1, 2, 0, 1, 2}), one_hot(labels({0, 2, 1, 0, 0, 1}), 3)) ==
          doctest::Approx(0.8 / 3));
  }

  TEST_CASE("metrics: squared and absolute errors, as in keras.metrics' examples") {
    reference();
    const Tensor targets = tensor({0.0, 1, 0, 0}, {2, 2}), predictions = tensor({1.0, 1, 0, 0}, {2, 2});
    const Tensor weight = tensor({1.0, 0});
    CHECK(result("mse", targets, predictions) == 0.25);
    CHECK(result("mse", targets, predictions, weight) == 0.5);
    CHECK(result("mae", targets, predictions) == 0.25);
    CHECK(result("root_mean_squared_error", targets, predictions) == 0.5);
    CHECK(result("root_mean_squared_error", targets, predictions, weight) == doctest::Approx(std::sqrt(0.5)));
  }

  TEST_CASE("metrics: targets and predictions of shapes that do not belong together") {
    reference();
    const std::string rule = "there is a target for each prediction.";
    for (const char* name :
         {"mse", "mae", "root_mean_squared_error", "binary_accuracy", "precision", "auc"}) {
      CAPTURE(name);
      const std::string error = error_of([&] { Metric(name).measure(zeros({32}, i32), zeros({32, 3})); });
      CHECK(error.starts_with("["));
      CHECK(error.ends_with("targets are i32[32] and predictions f32[32,3]; " + rule));
      CHECK(error_of([&] { Metric(name).measure(zeros({2, 3}), zeros({3, 2})); }).ends_with(rule));
    }
    // A last axis of size 1 is ignored and not broadcast against the examples.
    CHECK(result("mse", tensor({1.0, 2, 3}), tensor({1.0, 2, 4}, {3, 1})) == doctest::Approx(1.0 / 3));
    const Metric by_class =
        mean_metric("by_class", [](const Tensor& t, const Tensor& p) { return sum(square(t - p), {0}); });
    CHECK(
        error_of([&] {
          by_class.measure(zeros({4, 3}), zeros({4, 3}));
        }) ==
        "[metric] the function gives f32[3] for predictions f32[4,3]; it gives a number, or one or more for "
        "each example, [batch, ..].");
    RunningMetrics running;
    const Metric each(
        "each", [](const Tensor&, const Tensor& p, const Tensor&) { return std::vector<Tensor>{p}; },
        [](const std::vector<Tensor>& sums) { return sums[0]; });
    running.add("each", each, {}, zeros({4}), {});
    CHECK(
        error_of([&] { running.add("each", each, {}, zeros({2}), {}); }) ==
        "[metric] 'each' adds other shapes or dtypes with one batch than with another; what it adds must not "
        "depend on the size of the batch.");
  }

  TEST_CASE("metrics: names, and one of one's own") {
    reference();
    CHECK(Metric("mse").name() == "mse");
    CHECK(accuracy().named("share").name() == "share");
    CHECK(error_of([] { Metric("acc"); }).starts_with("[metric] 'acc' is unknown; choose one of accuracy, "));
    CHECK(error_of([] { top_k_categorical_accuracy(0); }) ==
          "[top_k_categorical_accuracy] k is 0; it must be positive.");
    const Metric largest(
        "largest",
        [](const Tensor&, const Tensor& predictions, const Tensor&) -> std::vector<Tensor> {
          return {sum(predictions), constant(1, {}, i32)};
        },
        [](const std::vector<Tensor>& sums) { return sums[0] / cast(sums[1], f32); });
    CHECK(result(largest, zeros({4}), tensor({1.0, 2, 3, 4}), {}, 2) == 5);
  }

  TEST_CASE("running metrics: a mean over examples, not over batches, and from the beginning again") {
    reference();
    RunningMetrics running;
    const auto add = [&](double loss, std::int64_t count) {
      evaluate({.updates = running.add_loss(constant(loss), count)});
    };
    add(1, 3);
    add(4, 1);
    CHECK(running.read()["loss"] == doctest::Approx(7.0 / 4));
    evaluate({.updates = running.reset()});
    add(2, 2);
    CHECK(running.read()["loss"] == 2);
    CHECK(error_of([&] { running.read()["accuracy"]; }) ==
          "[logs] nothing is called 'accuracy'; there is loss.");
  }
}
