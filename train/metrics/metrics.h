// All metrics, with Keras's names and definitions (keras/src/metrics), and here those of classes. Targets come first,
// predictions second. All of them accumulate on the device.
#pragma once

#include <cstdint>

#include "train/metrics/confusion_metrics.h"
#include "train/metrics/loss_metrics.h"
#include "train/metrics/metric.h"
#include "train/metrics/region_metrics.h"
#include "train/metrics/score_metrics.h"

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

/// [classes, classes]: the number of samples of each class (row) by predicted class (column).
Metric confusion_matrix();

}  // namespace hekla
