// Initial values of weights.
#pragma once

#include "graph/tensor.h"
#include "ops/random.h"

namespace hekla {

/// Uniform in [-limit, limit) with limit = sqrt(6 / (fan_in + fan_out)), where the last two sizes of `shape`
/// are the fans. (Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks,
/// AISTATS 2010; Keras's default for Dense.)
Tensor glorot_uniform(const Shape& shape, const RandomKey& key);

}  // namespace hekla
