// See metrics.h.
#include "train/metrics/metrics.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/join.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/sort.h"
#include "ops/view.h"

namespace hekla {

namespace {

// The class of each sample: the label itself, or the position of the largest number.
Tensor labels_of(const Tensor& targets, const Tensor& predictions) {
  if (targets.rank() == predictions.rank() && targets.size(-1) == predictions.size(-1))
    return argmax(targets);
  const Tensor labels = targets.rank() == predictions.rank() && targets.size(-1) == 1
                            ? squeeze(targets, {targets.rank() - 1})
                            : targets;
  if (labels.rank() + 1 != predictions.rank())
    throw Error(
        fmt::format("[metric] targets {} and predictions {} do not belong together; a label or one "
                    "number for each class is needed for each sample.",
                    describe(targets), describe(predictions)));
  return cast(labels, i32);
}

Tensor hits(const Tensor& targets, const Tensor& predictions) {
  return argmax(predictions) == labels_of(targets, predictions);
}

std::vector<std::int64_t> without_ones_at_end(const Shape& shape) {
  std::vector<std::int64_t> sizes(shape.begin(), shape.end());
  while (sizes.size() > 1 && sizes.back() == 1) sizes.pop_back();
  return sizes;
}

// The targets as f32 in the shape of the predictions.
Tensor beside(std::string_view metric, const Tensor& targets, const Tensor& predictions) {
  if (without_ones_at_end(targets.shape()) != without_ones_at_end(predictions.shape()))
    throw Error(fmt::format("[{}] targets are {} and predictions {}; there is a target for each prediction.",
                            metric, describe(targets), describe(predictions)));
  return reshape(cast(targets, f32), predictions.shape());
}

Tensor binary_hits(std::string_view metric, const Tensor& targets, const Tensor& predictions,
                   double threshold) {
  return (predictions > threshold) == (beside(metric, targets, predictions) > 0.5);
}

Tensor among_top(const Tensor& targets, const Tensor& predictions, std::int64_t k) {
  // Counts the predictions above that of the label's class; fewer than k may be. The test is "not lower or
  // equal", so that a NaN counts as above, and all count as above a NaN.
  const Tensor labels = expand_dims(labels_of(targets, predictions), -1);
  const Tensor own = take_along_axis(predictions, labels, -1);
  return sum(cast(!(predictions <= own), i32), {-1}) < static_cast<std::int32_t>(k);
}

void check_k(std::int64_t k) {
  if (k < 1) throw Error(fmt::format("[top_k_categorical_accuracy] k is {}; it must be positive.", k));
}

// Broadcasts weights to the elements of `like`, whose first axes they have; empty where all count as 1.
Tensor spread(const Tensor& weight, const Tensor& like) {
  if (!weight.defined()) return {};
  Shape shape = weight.shape();
  while (shape.rank() < like.rank()) shape.push_back(1);
  return broadcast_to(reshape(weight, shape), like.shape());
}

// The number, or the total weight, of elements where `condition` holds.
Tensor count_of(const Tensor& condition, const Tensor& weight) {
  if (!weight.defined()) return sum(cast(condition, i32));
  return sum(where(condition, weight, 0));
}

Tensor ratio(const Tensor& part, const Tensor& whole) {
  const Tensor a = cast(part, f32), b = cast(whole, f32);
  // The whole may be NaN, where weights are.
  const Tensor nothing = b <= 0;
  return where(nothing, 0, a / where(nothing, 1, b));
}

Metric positives(std::string name, double threshold, bool of_targets) {
  return {name,
          [name, threshold, of_targets](const Tensor& targets, const Tensor& predictions,
                                        const Tensor& weight) -> std::vector<Tensor> {
            const Tensor positive = beside(name, targets, predictions) > 0.5;
            const Tensor predicted = predictions > threshold;
            const Tensor weights = spread(weight, predictions);
            return {count_of(positive && predicted, weights),
                    count_of(of_targets ? positive : predicted, weights)};
          },
          [](const std::vector<Tensor>& sums) { return ratio(sums[0], sums[1]); }};
}

// [classes, classes] of counts or weights, computed as a product of one-hot matrices.
Tensor confusion(const Tensor& targets, const Tensor& predictions, const Tensor& weight) {
  const std::int64_t classes = predictions.size(-1);
  const Tensor labels = reshape(labels_of(targets, predictions), {-1});
  const Tensor taken_for = reshape(argmax(predictions), {-1});
  Tensor rows = one_hot(labels, classes);
  if (weight.defined()) rows = rows * reshape(weight, {weight.count(), 1});
  const Tensor counts = matmul(transpose(rows), one_hot(taken_for, classes));
  return weight.defined() ? counts : cast(counts, i32);
}

}  // namespace

Metric accuracy() {
  return mean_metric("accuracy", [](const Tensor& targets, const Tensor& predictions) {
    if (predictions.rank() < 2 || predictions.size(-1) == 1)
      return binary_hits("accuracy", targets, predictions, 0.5);
    return hits(targets, predictions);
  });
}

Metric binary_accuracy(double threshold) {
  return mean_metric("binary_accuracy", [threshold](const Tensor& targets, const Tensor& predictions) {
    return binary_hits("binary_accuracy", targets, predictions, threshold);
  });
}
Metric binary_accuracy() { return binary_accuracy(0.5); }

Metric categorical_accuracy() { return mean_metric("categorical_accuracy", hits); }
Metric sparse_categorical_accuracy() { return mean_metric("sparse_categorical_accuracy", hits); }

Metric top_k_categorical_accuracy(std::int64_t k) {
  check_k(k);
  return mean_metric("top_k_categorical_accuracy", [k](const Tensor& targets, const Tensor& predictions) {
    return among_top(targets, predictions, k);
  });
}
Metric top_k_categorical_accuracy() { return top_k_categorical_accuracy(5); }

Metric sparse_top_k_categorical_accuracy(std::int64_t k) {
  return top_k_categorical_accuracy(k).named("sparse_top_k_categorical_accuracy");
}
Metric sparse_top_k_categorical_accuracy() { return sparse_top_k_categorical_accuracy(5); }

Metric precision(double threshold) { return positives("precision", threshold, false); }
Metric precision() { return precision(0.5); }
Metric recall(double threshold) { return positives("recall", threshold, true); }
Metric recall() { return recall(0.5); }

Metric confusion_matrix() {
  return {"confusion_matrix",
          [](const Tensor& targets, const Tensor& predictions, const Tensor& weight) -> std::vector<Tensor> {
            return {confusion(targets, predictions, weight)};
          },
          [](const std::vector<Tensor>& sums) { return sums[0]; }};
}

Metric f1_score() {
  return {"f1_score",
          [](const Tensor& targets, const Tensor& predictions, const Tensor& weight) -> std::vector<Tensor> {
            return {confusion(targets, predictions, weight)};
          },
          [](const std::vector<Tensor>& sums) {
            const Tensor matrix = cast(sums[0], f32);
            const std::int64_t classes = matrix.size(0);
            const Tensor same = iota({classes, classes}, 0) == iota({classes, classes}, 1);
            const Tensor right = sum(where(same, matrix, 0), {0});
            return mean(ratio(2 * right, sum(matrix, {0}) + sum(matrix, {1})));
          }};
}

Metric auc(int thresholds) {
  if (thresholds < 2) throw Error(fmt::format("[auc] {} thresholds; at least 2 are needed.", thresholds));
  return {"auc",
          [thresholds](const Tensor& targets, const Tensor& predictions,
                       const Tensor& weight) -> std::vector<Tensor> {
            // The outermost thresholds lie just beyond 0 and 1, so that they include everything and nothing.
            const Tensor inner = cast(arange(thresholds), f32) / (thresholds - 1);
            const Tensor cuts = where(arange(thresholds) == 0, -1e-7,
                                      where(arange(thresholds) == thresholds - 1, 1 + 1e-7, inner));
            const Tensor positive = reshape(beside("auc", targets, predictions), {-1, 1}) > 0.5;
            const Tensor predicted = reshape(predictions, {-1, 1}) > reshape(cuts, {1, thresholds});
            const auto counted = [&](const Tensor& condition) {
              if (!weight.defined()) return sum(cast(condition, i32), {0});
              const Tensor weights = reshape(spread(weight, predictions), {-1, 1});
              return sum(where(condition, broadcast_to(weights, condition.shape()), 0), {0});
            };
            const Tensor none = !predicted;
            return {counted(predicted && positive), counted(predicted && !positive),
                    counted(none && positive), counted(none && !positive)};
          },
          [thresholds](const std::vector<Tensor>& sums) {
            const Tensor true_rate = ratio(sums[0], sums[0] + sums[2]);
            const Tensor false_rate = ratio(sums[1], sums[1] + sums[3]);
            const auto first = [&](const Tensor& x) { return slice(x, {{0, thresholds - 1}}); };
            const auto second = [&](const Tensor& x) { return slice(x, {{1, thresholds}}); };
            return sum((first(false_rate) - second(false_rate)) * (first(true_rate) + second(true_rate))) / 2;
          }};
}
Metric auc() { return auc(200); }

Metric mean_squared_error_metric() {
  return mean_metric("mean_squared_error", [](const Tensor& targets, const Tensor& predictions) {
    return square(beside("mean_squared_error", targets, predictions) - predictions);
  });
}

Metric mean_absolute_error_metric() {
  return mean_metric("mean_absolute_error", [](const Tensor& targets, const Tensor& predictions) {
    return abs(beside("mean_absolute_error", targets, predictions) - predictions);
  });
}

Metric root_mean_squared_error() {
  const Metric squared = mean_squared_error_metric();
  return {"root_mean_squared_error",
          [squared](const Tensor& targets, const Tensor& predictions, const Tensor& weight) {
            return squared.measure(targets, predictions, weight);
          },
          [squared](const std::vector<Tensor>& sums) { return sqrt(squared.result(sums)); }};
}

}  // namespace hekla
