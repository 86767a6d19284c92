// See metric.h.
#include "train/metrics/metric.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "graph/choice.h"
#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "train/metrics/metrics.h"

namespace hekla {

namespace {

const auto& makers() {
  static const auto table = std::to_array<std::pair<std::string_view, Metric (*)()>>({
      {"accuracy", accuracy},
      {"binary_accuracy", binary_accuracy},
      {"categorical_accuracy", categorical_accuracy},
      {"sparse_categorical_accuracy", sparse_categorical_accuracy},
      {"top_k_categorical_accuracy", top_k_categorical_accuracy},
      {"sparse_top_k_categorical_accuracy", sparse_top_k_categorical_accuracy},
      {"precision", precision},
      {"recall", recall},
      {"true_positives", true_positives},
      {"false_positives", false_positives},
      {"true_negatives", true_negatives},
      {"false_negatives", false_negatives},
      {"f1_score", f1_score},
      {"fbeta_score", fbeta_score},
      {"auc", auc},
      {"binary_iou", binary_iou},
      {"r2_score", r2_score},
      {"pearson_correlation", pearson_correlation},
      {"concordance_correlation", concordance_correlation},
      {"root_mean_squared_error", root_mean_squared_error},
      {"mean_squared_error", mean_squared_error_metric},
      {"mean_absolute_error", mean_absolute_error_metric},
      {"mean_absolute_percentage_error", mean_absolute_percentage_error_metric},
      {"mean_squared_logarithmic_error", mean_squared_logarithmic_error_metric},
      {"cosine_similarity", cosine_similarity_metric},
      {"poisson", poisson_metric},
      {"kl_divergence", kl_divergence_metric},
      {"hinge", hinge_metric},
      {"squared_hinge", squared_hinge_metric},
      {"categorical_hinge", categorical_hinge_metric},
      {"binary_crossentropy", binary_crossentropy_metric},
      {"categorical_crossentropy", categorical_crossentropy_metric},
      {"sparse_categorical_crossentropy", sparse_categorical_crossentropy_metric},
      {"mse", mean_squared_error_metric},
      {"mae", mean_absolute_error_metric},
      {"mape", mean_absolute_percentage_error_metric},
      {"msle", mean_squared_logarithmic_error_metric},
      {"bce", binary_crossentropy_metric},
      {"logcosh", log_cosh_error},
      {"log_cosh_error", log_cosh_error},
  });
  return table;
}

}  // namespace

Metric::Metric(std::string name, Measure measure, Result result)
    : name_(std::move(name)), measure_(std::move(measure)), result_(std::move(result)) {}

Metric::Metric(std::string_view name) : Metric(choose("metric", name, makers())().named(lower_case(name))) {}

Metric Metric::named(std::string name) const {
  Metric other = *this;
  other.name_ = std::move(name);
  return other;
}

namespace {

using SampleFunction = std::function<Tensor(const Tensor& targets, const Tensor& predictions)>;

// The sum of the samples' values and of their weights.
std::vector<Tensor> weighted_sums(const SampleFunction& function, const Tensor& targets,
                                  const Tensor& predictions, const Tensor& weight) {
  const Tensor given = function(targets, predictions);
  const std::int64_t samples = predictions.size(0);
  if (!given.defined() || (given.rank() > 0 && given.size(0) != samples))
    throw Error(
        fmt::format("[metric] the function gives {} for predictions {}; it gives a number, or one or more "
                    "for each example, [batch, ..].",
                    given.defined() ? describe(given) : "an empty tensor", describe(predictions)));
  Tensor values = cast(given, DType::f32);
  if (values.rank() == 0)
    return {values * static_cast<double>(samples), constant(static_cast<double>(samples), {}, i32)};
  // Counts examples, not elements: an epoch can have more elements than i32 holds.
  const int weighed = weight.defined() ? std::min(weight.rank(), values.rank()) : 1;
  std::vector<int> within;
  for (int axis = weighed; axis < values.rank(); ++axis) within.push_back(axis);
  if (!within.empty()) values = mean(values, within);
  if (!weight.defined()) return {sum(values), constant(static_cast<double>(values.count()), {}, i32)};
  // Where the function gives one number for all times of an example, the times that count weigh it.
  std::vector<int> beyond;
  for (int axis = weighed; axis < weight.rank(); ++axis) beyond.push_back(axis);
  const Tensor weights = beyond.empty() ? weight : sum(weight, beyond);
  return {sum(values * weights), sum(weights)};
}

}  // namespace

Metric mean_metric(std::string name, SampleFunction function) {
  const auto measure = [function = std::move(function)](const Tensor& targets, const Tensor& predictions,
                                                        const Tensor& weight) {
    return weighted_sums(function, targets, predictions, weight);
  };
  return {std::move(name), measure, [](const std::vector<Tensor>& sums) {
            const Tensor count = cast(sums[1], DType::f32);
            return where(count > 0, sums[0] / where(count > 0, count, 1), 0);
          }};
}

Metric sum_metric(std::string name, SampleFunction function) {
  const auto measure = [function = std::move(function)](const Tensor& targets, const Tensor& predictions,
                                                        const Tensor& weight) {
    return std::vector<Tensor>{weighted_sums(function, targets, predictions, weight)[0]};
  };
  return {std::move(name), measure, [](const std::vector<Tensor>& sums) { return sums[0]; }};
}

}  // namespace hekla
