// What metrics are made of.
#pragma once

#include <cstdint>
#include <string_view>

#include "graph/tensor.h"

namespace hekla {

/// The class of each sample, i32: the label itself, or the position of the largest number. Throws hekla::Error on targets
/// that do not belong to predictions [.., classes].
Tensor labels_of(const Tensor& targets, const Tensor& predictions);

/// The targets as f32 in the shape of the predictions, from which they may differ by axes of size 1 at the end. Throws
/// hekla::Error `[metric] ...` on others.
Tensor targets_beside(std::string_view metric, const Tensor& targets, const Tensor& predictions);

/// Weights of samples repeated for the elements of `like`, whose first axes they have; empty where all count as 1.
Tensor spread_weights(const Tensor& weight, const Tensor& like);

/// The number (i32), or the total weight (f32), of elements where `condition` holds.
Tensor weighted_count(const Tensor& condition, const Tensor& weights);

/// part / whole as f32, 0 where the whole is 0.
Tensor ratio(const Tensor& part, const Tensor& whole);

/// [classes, classes] of counts (i32) or weights (f32) by class (row) and predicted class (column). Labels (i32) of one
/// count; what lies outside [0, classes) is left out.
Tensor confusion_of(const Tensor& labels, const Tensor& taken_for, std::int64_t classes,
                    const Tensor& weights);

/// What predictions above a threshold are right and wrong about: [thresholds] each, counts (i32) or weights (f32).
struct ThresholdCounts {
  Tensor true_positives, false_positives, false_negatives, true_negatives;
};
/// The counts at `thresholds` evenly spaced numbers from 0 to 1. The outermost lie just beyond, so that they include
/// everything and nothing; a single one is 0.5. Throws hekla::Error `[metric] ...` on targets of another shape.
ThresholdCounts count_at_thresholds(std::string_view metric, const Tensor& targets, const Tensor& predictions,
                                    const Tensor& weight, int thresholds);

}  // namespace hekla
