// Accumulating elements at computed positions: the transpose of gather.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// A tensor of `shape` that holds at each position along `axis` the sum of the updates with that index, and
/// zeros where there are none: for axis 0, y[n, ..] = sum over m with indices[m] = n of updates[m, ..]. In
/// `updates` (f32, i32 or u32) the axes of `indices` (i32 or u32) replace the axis, as in the result of
/// gather. An index outside [0, size) is ignored. Like torch.index_add on zeros, but with a fixed order of
/// addition: the same bits every time.
///
/// Cost: up to 2^24 pairs of an index and an element of the result, every pair is compared. f32 rows are then
/// a matrix product with the one-hot rows of the indices, so an infinity among the updates makes other sums
/// NaN. Beyond that the indices are sorted; the remaining work is linear in the updates and the result.
/// Throws hekla::Error when the updates' shape or a dtype does not fit.
Tensor scatter_add(const Shape& shape, const Tensor& indices, const Tensor& updates, int axis = 0);

extern const Op scatter_rows_op;

}  // namespace hekla
