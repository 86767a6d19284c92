// See confusion_metrics.h.
#include "train/metrics/confusion_metrics.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/choice.h"
#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "train/metrics/metric_parts.h"

namespace hekla {

namespace {

Metric share_of_positives(std::string name, double threshold, bool of_targets) {
  return {name,
          [name, threshold, of_targets](const Tensor& targets, const Tensor& predictions,
                                        const Tensor& weight) -> std::vector<Tensor> {
            const Tensor positive = targets_beside(name, targets, predictions) > 0.5;
            const Tensor predicted = predictions > threshold;
            const Tensor weights = spread_weights(weight, predictions);
            return {weighted_count(positive && predicted, weights),
                    weighted_count(of_targets ? positive : predicted, weights)};
          },
          [](const std::vector<Tensor>& sums) { return ratio(sums[0], sums[1]); }};
}

Metric count_of(std::string name, double threshold, bool is_right, bool is_predicted) {
  return {name,
          [=](const Tensor& targets, const Tensor& predictions, const Tensor& weight) -> std::vector<Tensor> {
            const Tensor positive = targets_beside(name, targets, predictions) > 0.5;
            const Tensor above = predictions > threshold;
            const Tensor predicted = is_predicted ? above : !above;
            const Tensor fitting = is_right == is_predicted ? positive : !positive;
            return {weighted_count(predicted && fitting, spread_weights(weight, predictions))};
          },
          [](const std::vector<Tensor>& sums) { return cast(sums[0], f32); }};
}

using Measured = std::vector<Tensor>;  // in the order of ThresholdCounts
Tensor recall_of(const Measured& sums) { return ratio(sums[0], sums[0] + sums[2]); }
Tensor precision_of(const Measured& sums) { return ratio(sums[0], sums[0] + sums[1]); }
Tensor specificity_of(const Measured& sums) { return ratio(sums[3], sums[3] + sums[1]); }
Tensor false_rate_of(const Measured& sums) { return ratio(sums[1], sums[1] + sums[3]); }

Metric::Measure at_thresholds(std::string name, int thresholds) {
  return [name = std::move(name), thresholds](const Tensor& targets, const Tensor& predictions,
                                              const Tensor& weight) -> Measured {
    const ThresholdCounts counts = count_at_thresholds(name, targets, predictions, weight, thresholds);
    return {counts.true_positives, counts.false_positives, counts.false_negatives, counts.true_negatives};
  };
}

using Rate = Tensor (*)(const Measured& sums);

// The largest `wanted` where `bounded` reaches the bound.
Metric best(const std::string& name, std::string_view what, double bound, int thresholds, Rate bounded,
            Rate wanted) {
  if (!(bound >= 0 && bound <= 1))
    throw Error(fmt::format("[{}] {} is {}; it must lie in [0, 1].", name, what, bound));
  if (thresholds < 1) throw Error(fmt::format("[{}] {} thresholds; at least 1 is needed.", name, thresholds));
  return {name, at_thresholds(name, thresholds),
          [=](const Measured& sums) { return max(where(bounded(sums) >= bound, wanted(sums), 0)); }};
}

Tensor upper(const Tensor& x) { return slice(x, {{.stop = x.size(0) - 1}}); }
Tensor lower(const Tensor& x) { return slice(x, {{.start = 1}}); }

// Between two thresholds true positives grow linearly with predicted positives. (Davis, Goadrich: The Relationship Between
// Precision-Recall and ROC Curves, ICML 2006; the closed form is that of keras.metrics.AUC.)
Tensor area_of_precision(const Measured& sums) {
  const Tensor right = cast(sums[0], f32), predicted = right + cast(sums[1], f32);
  const Tensor gained = upper(right) - lower(right);
  const Tensor slope = ratio(gained, upper(predicted) - lower(predicted));
  const Tensor offset = lower(right) - slope * lower(predicted);
  const Tensor both = upper(predicted) > 0 && lower(predicted) > 0;
  const Tensor growth = where(both, ratio(upper(predicted), lower(predicted)), 1);
  return sum(ratio(slope * (gained + offset * log(growth)), lower(right + cast(sums[2], f32))));
}

using Height = Tensor (*)(const Tensor& a, const Tensor& b);
constexpr std::array<std::pair<std::string_view, Height>, 3> heights{
    {{"interpolation", [](const Tensor& a, const Tensor& b) { return (a + b) / 2; }},
     {"minoring", minimum},
     {"majoring", maximum}}};
constexpr std::array<std::pair<std::string_view, std::pair<Rate, Rate>>, 2> curves{
    {{"roc", {false_rate_of, recall_of}}, {"pr", {recall_of, precision_of}}}};

}  // namespace

Metric precision(double threshold) { return share_of_positives("precision", threshold, false); }
Metric precision() { return precision(0.5); }
Metric recall(double threshold) { return share_of_positives("recall", threshold, true); }
Metric recall() { return recall(0.5); }

Metric true_positives(double threshold) { return count_of("true_positives", threshold, true, true); }
Metric true_positives() { return true_positives(0.5); }
Metric false_positives(double threshold) { return count_of("false_positives", threshold, false, true); }
Metric false_positives() { return false_positives(0.5); }
Metric true_negatives(double threshold) { return count_of("true_negatives", threshold, true, false); }
Metric true_negatives() { return true_negatives(0.5); }
Metric false_negatives(double threshold) { return count_of("false_negatives", threshold, false, false); }
Metric false_negatives() { return false_negatives(0.5); }

Metric sensitivity_at_specificity(double specificity, int thresholds) {
  return best("sensitivity_at_specificity", "specificity", specificity, thresholds, specificity_of,
              recall_of);
}
Metric specificity_at_sensitivity(double sensitivity, int thresholds) {
  return best("specificity_at_sensitivity", "sensitivity", sensitivity, thresholds, recall_of,
              specificity_of);
}
Metric precision_at_recall(double recall, int thresholds) {
  return best("precision_at_recall", "recall", recall, thresholds, recall_of, precision_of);
}
Metric recall_at_precision(double precision, int thresholds) {
  return best("recall_at_precision", "precision", precision, thresholds, precision_of, recall_of);
}

Metric auc(const AucOptions& options) {
  if (options.num_thresholds < 2)
    throw Error(fmt::format("[auc] {} thresholds; at least 2 are needed.", options.num_thresholds));
  const auto [x_of, y_of] = choose("auc", options.curve, curves, "curve");
  const Height height = choose("auc", options.summation_method, heights, "summation_method");
  const bool by_precision =
      x_of == Rate(recall_of) && lower_case(options.summation_method) == "interpolation";
  return {"auc", at_thresholds("auc", options.num_thresholds),
          [x_of = x_of, y_of = y_of, height, by_precision](const Measured& sums) {
            if (by_precision) return area_of_precision(sums);
            const Tensor x = x_of(sums), y = y_of(sums);
            return sum((upper(x) - lower(x)) * height(upper(y), lower(y)));
          }};
}
Metric auc(int thresholds) { return auc(AucOptions{.num_thresholds = thresholds}); }
Metric auc() { return auc(AucOptions()); }

}  // namespace hekla
