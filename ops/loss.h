// Losses and what is measured beside them.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// Cross-entropy of integer classes, averaged over all samples: mean of -log_softmax(logits)[label].
/// `labels` (integers) has the shape of `logits` (f32) without its last axis, which counts the classes. A
/// label outside [0, classes) names no class and contributes 0: check labels where they are read.
Tensor sparse_categorical_crossentropy_from_logits(const Tensor& labels, const Tensor& logits);

/// Share of samples whose largest score (the first of equals) is at their label.
Tensor sparse_categorical_accuracy(const Tensor& labels, const Tensor& scores);

}  // namespace hekla
