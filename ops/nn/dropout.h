// Dropout.
#pragma once

#include "graph/tensor.h"
#include "ops/random.h"

namespace hekla {

/// Inverted dropout: each element of x (f32) is 0 with probability `rate`, else x / (1 - rate), which
/// preserves the mean. The key decides which elements are 0: let a training step advance its stream, and omit
/// dropout at inference. Throws hekla::Error unless 0 <= rate <= 1. (keras.layers.Dropout; Srivastava et al.,
/// JMLR 2014.)
Tensor dropout(const Tensor& x, double rate, const RandomKey& key);

}  // namespace hekla
