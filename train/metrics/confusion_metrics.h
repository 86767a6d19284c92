// Metrics of what is taken for positive at a threshold of the probability.
#pragma once

#include <string>

#include "train/metrics/metric.h"

namespace hekla {

/// true positives / predicted positives, where predictions above `threshold` (0.5) are positive; 0 where
/// there are none.
Metric precision(double threshold);
Metric precision();
/// true positives / positives.
Metric recall(double threshold);
Metric recall();

/// The number of predictions that are positive, above `threshold` (0.5), and rightly or wrongly so, and of those that are
/// not; or their weight. (keras.metrics.TruePositives, FalsePositives, TrueNegatives, FalseNegatives.)
Metric true_positives(double threshold);
Metric true_positives();
Metric false_positives(double threshold);
Metric false_positives();
Metric true_negatives(double threshold);
Metric true_negatives();
Metric false_negatives(double threshold);
Metric false_negatives();

/// The best sensitivity (recall) among `thresholds` thresholds at which the specificity, true negatives / negatives, is
/// at least `specificity`; 0 where there is none. And the other way round. Throws hekla::Error unless the number lies in
/// [0, 1] and there is a threshold. (keras.metrics.SensitivityAtSpecificity, SpecificityAtSensitivity.)
Metric sensitivity_at_specificity(double specificity, int thresholds = 200);
Metric specificity_at_sensitivity(double sensitivity, int thresholds = 200);
/// The best precision among thresholds at which the recall is at least `recall`, and the other way round. Likewise.
/// (keras.metrics.PrecisionAtRecall, RecallAtPrecision.)
Metric precision_at_recall(double recall, int thresholds = 200);
Metric recall_at_precision(double precision, int thresholds = 200);

/// What auc takes, with Keras's names and defaults.
struct AucOptions {
  int num_thresholds = 200;
  std::string curve = "ROC";  ///< or "PR"
  /// "interpolation": trapezoids, and for PR what Davis and Goadrich give (ICML 2006); "minoring" and "majoring": the
  /// lower and the higher end of each interval.
  std::string summation_method = "interpolation";
};

/// The area under the ROC curve (the rate of true positives over that of false positives) or the PR curve (precision over
/// recall), between thresholds of the probability. Throws hekla::Error on other names and on fewer than 2 thresholds.
/// (keras.metrics.AUC.)
Metric auc(const AucOptions& options);
/// The same of the ROC curve.
Metric auc(int thresholds);
Metric auc();

}  // namespace hekla
