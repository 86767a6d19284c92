// Metrics of the overlap between the regions of classes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "train/metrics/metric.h"

namespace hekla {

/// What iou and mean_iou take, with Keras's names and defaults.
struct IoUOptions {
  std::optional<int> ignore_class = {};  ///< targets of this class are left out
  bool sparse_y_true = true;  ///< targets are labels; false: [.., classes], of which the largest counts
  bool sparse_y_pred = true;  ///< the same for predictions, whose labels may be f32
};

/// Intersection over union, true positives / (true positives + false positives + false negatives), averaged over those of
/// `target_class_ids` that occur. Labels outside [0, num_classes) are left out. Throws hekla::Error unless num_classes is
/// positive and the ids lie in [0, num_classes), and on targets and predictions of different counts. (keras.metrics.IoU.)
Metric iou(std::int64_t num_classes, std::vector<int> target_class_ids, const IoUOptions& options = {});
/// iou over all classes. (keras.metrics.MeanIoU.)
Metric mean_iou(std::int64_t num_classes, const IoUOptions& options = {});
/// iou of two classes; predictions from `threshold` on are of class 1. (keras.metrics.BinaryIoU.)
Metric binary_iou(std::vector<int> target_class_ids, double threshold = 0.5);
Metric binary_iou();
/// iou and mean_iou of targets and predictions that have an axis of classes. (keras.metrics.OneHotIoU, OneHotMeanIoU.)
Metric one_hot_iou(std::int64_t num_classes, std::vector<int> target_class_ids,
                   std::optional<int> ignore_class = {}, bool sparse_y_pred = false);
Metric one_hot_mean_iou(std::int64_t num_classes, std::optional<int> ignore_class = {},
                        bool sparse_y_pred = false);

}  // namespace hekla
