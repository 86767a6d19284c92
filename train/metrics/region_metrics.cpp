// See region_metrics.h.
#include "train/metrics/region_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>
#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "train/metrics/metric_parts.h"

namespace hekla {

namespace {

// The labels, each on its own, of [..] or [.., classes].
Tensor labels_in(const Tensor& x, bool sparse) { return reshape(sparse ? cast(x, i32) : argmax(x), {-1}); }

Metric intersections(const std::string& name, std::int64_t classes, std::vector<int> ids,
                     const IoUOptions& options, std::function<Tensor(const Tensor&)> prepare = nullptr) {
  if (classes < 1) throw Error(fmt::format("[{}] {} classes; at least one is needed.", name, classes));
  for (const int id : ids) {
    if (id < 0 || id >= classes)
      throw Error(fmt::format("[{}] class {} is asked for; there are 0 to {}.", name, id, classes - 1));
  }
  const auto measure = [=](const Tensor& targets, const Tensor& predictions, const Tensor& weight) {
    const Tensor given = prepare ? prepare(predictions) : predictions;
    Tensor labels = labels_in(targets, options.sparse_y_true);
    const Tensor taken_for = labels_in(given, options.sparse_y_pred);
    if (labels.count() != taken_for.count())
      throw Error(fmt::format("[{}] targets are {} and predictions {}; there is a label for each prediction.",
                              name, describe(targets), describe(predictions)));
    // A label that names no class is left out of the matrix.
    if (options.ignore_class) labels = where(labels == *options.ignore_class, -1, labels);
    Tensor weights;
    if (weight.defined()) {
      Shape shape = given.shape();
      if (!options.sparse_y_pred) shape = argmax(given).shape();
      weights = spread_weights(weight, zeros(shape));
    }
    return std::vector<Tensor>{confusion_of(labels, taken_for, classes, weights)};
  };
  const auto result = [ids](const std::vector<Tensor>& sums) {
    const Tensor matrix = cast(sums[0], f32), right = diagonal(matrix);
    const Tensor places = tensor(std::vector<std::int32_t>(ids.begin(), ids.end()));
    const Tensor whole = gather(sum(matrix, {0}) + sum(matrix, {1}) - right, places);
    return ratio(sum(ratio(gather(right, places), whole)), sum(cast(whole > 0, f32)));
  };
  return {name, measure, result};
}

std::vector<int> all_of(std::int64_t classes) {
  std::vector<int> ids(static_cast<std::size_t>(std::max<std::int64_t>(classes, 0)));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

}  // namespace

Metric iou(std::int64_t num_classes, std::vector<int> target_class_ids, const IoUOptions& options) {
  return intersections("iou", num_classes, std::move(target_class_ids), options);
}

Metric mean_iou(std::int64_t num_classes, const IoUOptions& options) {
  return intersections("mean_iou", num_classes, all_of(num_classes), options);
}

Metric binary_iou(std::vector<int> target_class_ids, double threshold) {
  return intersections("binary_iou", 2, std::move(target_class_ids), {},
                       [threshold](const Tensor& predictions) { return predictions >= threshold; });
}
Metric binary_iou() { return binary_iou({0, 1}); }

Metric one_hot_iou(std::int64_t num_classes, std::vector<int> target_class_ids,
                   std::optional<int> ignore_class, bool sparse_y_pred) {
  return intersections(
      "one_hot_iou", num_classes, std::move(target_class_ids),
      {.ignore_class = ignore_class, .sparse_y_true = false, .sparse_y_pred = sparse_y_pred});
}

Metric one_hot_mean_iou(std::int64_t num_classes, std::optional<int> ignore_class, bool sparse_y_pred) {
  return intersections(
      "one_hot_mean_iou", num_classes, all_of(num_classes),
      {.ignore_class = ignore_class, .sparse_y_true = false, .sparse_y_pred = sparse_y_pred});
}

}  // namespace hekla
