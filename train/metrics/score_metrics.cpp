// See score_metrics.h.
#include "train/metrics/score_metrics.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "graph/choice.h"
#include "graph/error.h"
#include "ops/create.h"
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/statistics.h"
#include "ops/view.h"
#include "train/metrics/metric_parts.h"

namespace hekla {

namespace {

constexpr double epsilon = 1e-7;

enum class Average { none, micro, macro, weighted };
constexpr std::array<std::pair<std::string_view, Average>, 4> averages{{{"none", Average::none},
                                                                        {"micro", Average::micro},
                                                                        {"macro", Average::macro},
                                                                        {"weighted", Average::weighted}}};
enum class Aggregation { none, uniform, by_variance };
constexpr std::array<std::pair<std::string_view, Aggregation>, 3> aggregations{
    {{"none", Aggregation::none},
     {"uniform_average", Aggregation::uniform},
     {"variance_weighted_average", Aggregation::by_variance}}};

// The targets as f32, beside predictions [batch, n].
Tensor rows_of(std::string_view metric, const Tensor& targets, const Tensor& predictions) {
  if (predictions.rank() != 2)
    throw Error(
        fmt::format("[{}] predictions are {}; they must be [batch, n].", metric, describe(predictions)));
  return targets_beside(metric, targets, predictions);
}

// Sums over the batch.
Tensor total(const Tensor& x, const Tensor& weight) {
  return sum(weight.defined() ? x * spread_weights(weight, x) : x, {0});
}

Tensor f_of(const std::vector<Tensor>& sums, double beta, Average average) {
  const auto counted = [&](std::size_t i) { return average == Average::micro ? sum(sums[i]) : sums[i]; };
  const Tensor right = counted(0);
  const Tensor precision = right / (right + counted(1) + epsilon),
               recall = right / (right + counted(2) + epsilon);
  const Tensor f = (1 + beta * beta) * precision * recall / (beta * beta * precision + recall + epsilon);
  if (average == Average::weighted) return sum(f * sums[3]) / (sum(sums[3]) + epsilon);
  return average == Average::none ? f : mean(f);
}

}  // namespace

Metric fbeta_score(const FBetaOptions& options) {
  const Average average = choose("fbeta_score", options.average, averages, "average");
  const double beta = options.beta;
  if (!(beta > 0)) throw Error(fmt::format("[fbeta_score] beta is {}; it must be positive.", beta));
  const std::optional<double> threshold = options.threshold;
  if (threshold && !(*threshold > 0 && *threshold <= 1))
    throw Error(fmt::format("[fbeta_score] threshold is {}; it must lie in (0, 1].", *threshold));
  return {"fbeta_score",
          [threshold](const Tensor& targets, const Tensor& predictions,
                      const Tensor& weight) -> std::vector<Tensor> {
            const Tensor t = rows_of("fbeta_score", targets, predictions);
            const Tensor is_largest =
                predictions >= max(predictions, {-1}, KeepDims::yes) && abs(predictions) > 1e-9;
            const Tensor p = cast(threshold ? predictions > *threshold : is_largest, f32);
            return {total(p * t, weight), total(p * (1 - t), weight), total((1 - p) * t, weight),
                    total(t, weight)};
          },
          [beta, average](const std::vector<Tensor>& sums) { return f_of(sums, beta, average); }};
}
Metric fbeta_score() { return fbeta_score({}); }

Metric f1_score() {
  return {"f1_score",
          [](const Tensor& targets, const Tensor& predictions, const Tensor& weight) -> std::vector<Tensor> {
            return {confusion_of(labels_of(targets, predictions), argmax(predictions), predictions.size(-1),
                                 weight)};
          },
          [](const std::vector<Tensor>& sums) {
            const Tensor matrix = cast(sums[0], f32);
            return mean(ratio(2 * diagonal(matrix), sum(matrix, {0}) + sum(matrix, {1})));
          }};
}

Metric r2_score(const R2Options& options) {
  const Aggregation aggregation =
      choose("r2_score", options.class_aggregation, aggregations, "class_aggregation");
  if (options.num_regressors < 0)
    throw Error(
        fmt::format("[r2_score] num_regressors is {}; it must not be negative.", options.num_regressors));
  const double regressors = options.num_regressors;
  return {"r2_score",
          [](const Tensor& targets, const Tensor& predictions, const Tensor& weight) -> std::vector<Tensor> {
            const Tensor t = rows_of("r2_score", targets, predictions);
            return {total(t, weight), total(square(t), weight), total(square(t - predictions), weight),
                    total(ones_like(t), weight), constant(static_cast<double>(t.count()))};
          },
          [aggregation, regressors](const std::vector<Tensor>& sums) {
            const Tensor spread = sums[1] - sums[0] * (sums[0] / sums[3]);
            const Tensor raw = 1 - sums[2] / spread;
            const Tensor each = where(abs(raw) == std::numeric_limits<double>::infinity(), 0, raw);
            Tensor score = aggregation == Aggregation::uniform ? mean(each) : each;
            if (aggregation == Aggregation::by_variance) score = sum(spread * each) / sum(spread);
            if (regressors == 0) return score;
            // With too few samples the adjusted score does not exist.
            const Tensor freedom = sums[4] - regressors - 1;
            const Tensor adjusted = 1 - (1 - score) * (sums[4] - 1) / where(freedom > 0, freedom, 1);
            return where(freedom > 0, adjusted, score);
          }};
}
Metric r2_score() { return r2_score({}); }

Metric pearson_correlation() {
  return mean_metric("pearson_correlation", [](const Tensor& targets, const Tensor& predictions) {
    const auto standardized = [](const Tensor& x) {
      return (x - mean(x, {-1}, KeepDims::yes)) / std(x, {-1}, KeepDims::yes);
    };
    const Tensor t = targets_beside("pearson_correlation", targets, predictions);
    return mean(standardized(t) * standardized(predictions), {-1});
  });
}

Metric concordance_correlation() {
  return mean_metric("concordance_correlation", [](const Tensor& targets, const Tensor& predictions) {
    const Tensor t = targets_beside("concordance_correlation", targets, predictions);
    const Moments of_t = moments(t, {-1}, KeepDims::yes), of_p = moments(predictions, {-1}, KeepDims::yes);
    const Tensor shared = mean((t - of_t.mean) * (predictions - of_p.mean), {-1}, KeepDims::yes);
    const Tensor whole = of_t.variance + of_p.variance + square(of_t.mean - of_p.mean) + epsilon;
    return squeeze(2 * shared / whole, {-1});
  });
}

}  // namespace hekla
