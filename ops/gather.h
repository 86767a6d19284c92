// Picking rows by computed indices.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// Elements of x picked along `axis`: the axis is replaced by the axes of `indices` (i32 or u32).
/// An index outside [0, size) is clamped to the nearest end: device code cannot throw.
/// The gradient adds up in a fixed order, without atomics.
Tensor gather(const Tensor& x, const Tensor& indices, int axis = 0);

/// 1 where the last, new axis equals the index, else 0: [..] of integers to f32 [.., depth].
Tensor one_hot(const Tensor& indices, std::int64_t depth);

extern const Op gather_op;

}  // namespace hekla
