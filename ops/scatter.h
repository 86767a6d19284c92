// Adding elements up at computed positions: gather's transpose.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// A tensor of `shape` that holds at each position along `axis` the sum of the updates whose index it is,
/// zeros where none is: for axis 0, y[n, ..] = sum over m with indices[m] = n of updates[m, ..]. In `updates`
/// (f32, i32 or u32) the axes of `indices` (i32 or u32) stand in place of the axis, as gather gives them. An
/// index outside [0, size) adds to nothing. torch.index_add on zeros, with a fixed order of addition: the
/// same bits every time.
///
/// Work: up to 2^24 products of an index and an element of the result are made; f32 rows then are a matrix
/// product with the one-hot rows of the indices, so that an infinity among the updates makes NaN of others.
/// Beyond that the indices are sorted, and the work is theirs and that of the updates and the result alone.
/// Throws hekla::Error when the updates' shape does not fit, or a dtype.
Tensor scatter_add(const Shape& shape, const Tensor& indices, const Tensor& updates, int axis = 0);

extern const Op scatter_rows_op;

}  // namespace hekla
