// The usual metrics, with Keras's names and definitions (keras/src/metrics). Targets come first, predictions
// second. All of them add up on the device.
#pragma once

#include <cstdint>
#include <vector>

#include "train/metrics/metric.h"

namespace hekla {

/// Share of samples that are classified right, resolved from the shapes as Keras does: one prediction for
/// each sample makes it binary_accuracy, integer targets without an axis for the classes
/// sparse_categorical_accuracy, and others categorical_accuracy.
Metric accuracy();
/// Share of predictions on the target's side of `threshold`.
Metric binary_accuracy(double threshold);
Metric binary_accuracy();
/// Share of samples whose largest prediction is where the target's largest number is.
Metric categorical_accuracy();
/// Share of samples whose largest prediction (the first of equals) is at their label.
Metric sparse_categorical_accuracy();
/// Share of samples whose label is among the k largest predictions; k is 5 unless told. Throws hekla::Error
/// unless k is positive.
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
/// The harmonic mean of precision and recall for each class, averaged over the classes: each sample counts
/// for its largest prediction, one-hot targets or integer labels. (keras.metrics.F1Score with
/// average="macro".)
Metric f1_score();
/// The area under the curve of true positives over false positives, by the trapezoidal rule between
/// `thresholds` (200) cuts of probabilities. (keras.metrics.AUC.)
Metric auc(int thresholds);
Metric auc();

/// [classes, classes]: how many samples of each class (row) are taken for which (column).
Metric confusion_matrix();

/// The mean of (target - prediction)^2.
Metric mean_squared_error_metric();
/// The mean of |target - prediction|.
Metric mean_absolute_error_metric();
/// The square root of the mean of (target - prediction)^2.
Metric root_mean_squared_error();

}  // namespace hekla
