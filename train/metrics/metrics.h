// The usual metrics, with Keras's names and definitions (keras/src/metrics). Targets come first, predictions
// second. All of them accumulate on the device.
#pragma once

#include <cstdint>
#include <vector>

#include "train/metrics/metric.h"

namespace hekla {

/// Share of samples that are classified correctly. Shapes decide which metric it is, as in Keras: with one
/// prediction for each sample binary_accuracy, with integer targets that have no class axis
/// sparse_categorical_accuracy, otherwise categorical_accuracy.
Metric accuracy();
/// Share of predictions on the target's side of `threshold`.
Metric binary_accuracy(double threshold);
Metric binary_accuracy();
/// Share of samples whose largest prediction is at the position of the target's largest number.
Metric categorical_accuracy();
/// Share of samples whose largest prediction (the first of ties) is at their label.
Metric sparse_categorical_accuracy();
/// Share of samples whose label is among the k largest predictions; the default of k is 5. Throws
/// hekla::Error unless k is positive.
Metric top_k_categorical_accuracy(std::int64_t k);
Metric top_k_categorical_accuracy();
Metric sparse_top_k_categorical_accuracy(std::int64_t k);
Metric sparse_top_k_categorical_accuracy();

/// true positives / predicted positives, where predictions above `threshold` (0.5) are positive; 0 where
/// there are none.
Metric precision(double threshold);
Metric precision();
/// true positives / positives.
Metric recall(double threshold);
Metric recall();
/// The F1 score, the harmonic mean of precision and recall, for each class, averaged over the classes. The
/// predicted class of a sample is its largest prediction; targets are one-hot or integer labels.
/// (keras.metrics.F1Score with average="macro".)
Metric f1_score();
/// The area under the ROC curve (the rate of true positives over that of false positives), by the trapezoidal
/// rule between `thresholds` (200) thresholds of the probability. (keras.metrics.AUC.)
Metric auc(int thresholds);
Metric auc();

/// [classes, classes]: the number of samples of each class (row) by predicted class (column).
Metric confusion_matrix();

/// The mean of (target - prediction)^2.
Metric mean_squared_error_metric();
/// The mean of |target - prediction|.
Metric mean_absolute_error_metric();
/// The square root of the mean of (target - prediction)^2.
Metric root_mean_squared_error();

}  // namespace hekla
