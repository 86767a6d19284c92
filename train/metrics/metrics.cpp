// See metrics.h.
#include "train/metrics/metrics.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "train/metrics/metric_parts.h"

namespace hekla {

namespace {

Tensor hits(const Tensor& targets, const Tensor& predictions) {
  return argmax(predictions) == labels_of(targets, predictions);
}

Tensor binary_hits(std::string_view metric, const Tensor& targets, const Tensor& predictions,
                   double threshold) {
  return (predictions > threshold) == (targets_beside(metric, targets, predictions) > 0.5);
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

Metric confusion_matrix() {
  return {"confusion_matrix",
          [](const Tensor& targets, const Tensor& predictions, const Tensor& weight) -> std::vector<Tensor> {
            return {confusion_of(labels_of(targets, predictions), argmax(predictions), predictions.size(-1),
                                 weight)};
          },
          [](const std::vector<Tensor>& sums) { return sums[0]; }};
}

}  // namespace hekla
