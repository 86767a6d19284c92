// See metric_parts.h.
#include "train/metrics/metric_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

std::vector<std::int64_t> without_ones_at_end(const Shape& shape) {
  std::vector<std::int64_t> sizes(shape.begin(), shape.end());
  while (sizes.size() > 1 && sizes.back() == 1) sizes.pop_back();
  return sizes;
}

}  // namespace

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

Tensor targets_beside(std::string_view metric, const Tensor& targets, const Tensor& predictions) {
  if (without_ones_at_end(targets.shape()) != without_ones_at_end(predictions.shape()))
    throw Error(fmt::format("[{}] targets are {} and predictions {}; there is a target for each prediction.",
                            metric, describe(targets), describe(predictions)));
  return reshape(cast(targets, f32), predictions.shape());
}

Tensor spread_weights(const Tensor& weight, const Tensor& like) {
  if (!weight.defined()) return {};
  Shape shape = weight.shape();
  while (shape.rank() < like.rank()) shape.push_back(1);
  return broadcast_to(reshape(weight, shape), like.shape());
}

Tensor weighted_count(const Tensor& condition, const Tensor& weights) {
  if (!weights.defined()) return sum(cast(condition, i32));
  return sum(where(condition, weights, 0));
}

Tensor ratio(const Tensor& part, const Tensor& whole) {
  const Tensor a = cast(part, f32), b = cast(whole, f32);
  // The whole may be NaN, where weights are.
  const Tensor nothing = b <= 0;
  return where(nothing, 0, a / where(nothing, 1, b));
}

// Computed as a product of one-hot matrices, whose rows are zeros for labels outside.
Tensor confusion_of(const Tensor& labels, const Tensor& taken_for, std::int64_t classes,
                    const Tensor& weights) {
  Tensor rows = one_hot(reshape(labels, {-1}), classes);
  if (weights.defined()) rows = rows * reshape(weights, {weights.count(), 1});
  const Tensor counts = matmul(transpose(rows), one_hot(reshape(taken_for, {-1}), classes));
  return weights.defined() ? counts : cast(counts, i32);
}

ThresholdCounts count_at_thresholds(std::string_view metric, const Tensor& targets, const Tensor& predictions,
                                    const Tensor& weight, int thresholds) {
  const Tensor inner = cast(arange(thresholds), f32) / std::max(thresholds - 1, 1);
  const Tensor cuts = thresholds == 1 ? full({1}, 0.5)
                                      : where(arange(thresholds) == 0, -1e-7,
                                              where(arange(thresholds) == thresholds - 1, 1 + 1e-7, inner));
  const Tensor positive = reshape(targets_beside(metric, targets, predictions), {-1, 1}) > 0.5;
  const Tensor predicted = reshape(predictions, {-1, 1}) > reshape(cuts, {1, thresholds});
  const auto counted = [&](const Tensor& condition) {
    if (!weight.defined()) return sum(cast(condition, i32), {0});
    const Tensor weights = reshape(spread_weights(weight, predictions), {-1, 1});
    return sum(where(condition, broadcast_to(weights, condition.shape()), 0), {0});
  };
  const Tensor none = !predicted;
  return {.true_positives = counted(predicted && positive),
          .false_positives = counted(predicted && !positive),
          .false_negatives = counted(none && positive),
          .true_negatives = counted(none && !positive)};
}

}  // namespace hekla
