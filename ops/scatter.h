// Writing and accumulating elements at computed positions: the transpose of gather. Along an axis, the positions are
// `indices` (i32 or u32), whose axes replace it in `updates`, as in the result of gather. An index outside [0, size) is
// ignored. Everything is done in a fixed order, without atomics: the same bits every time.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// A tensor of `shape` that holds at each position along `axis` the sum of the updates with that index, and
/// zeros where there are none: for axis 0, y[n, ..] = sum over m with indices[m] = n of updates[m, ..]. Updates are
/// f32, i32 or u32. Like torch.index_add on zeros.
///
/// Cost: up to 2^24 pairs of an index and an element of the result, every pair is compared. f32 rows are then
/// a matrix product with the one-hot rows of the indices, so an infinity among the updates makes other sums
/// NaN. Beyond that the indices are sorted; the remaining work is linear in the updates and the result.
/// Throws hekla::Error when the updates' shape or a dtype does not fit.
Tensor scatter_add(const Shape& shape, const Tensor& indices, const Tensor& updates, int axis = 0);
/// The mean instead of the sum, f32; 0 where there are no updates.
Tensor scatter_mean(const Shape& shape, const Tensor& indices, const Tensor& updates, int axis = 0);

/// x (any dtype) with updates in place of the elements at `indices` along `axis`, as x.at[indices].set(updates) in JAX
/// and torch.index_copy. Of equal indices, the last one's update stays. The gradient of x is 0 where it was replaced,
/// that of an update 0 where it did not stay. Throws hekla::Error when the updates' shape or a dtype does not fit.
Tensor scatter_set(const Tensor& x, const Tensor& indices, const Tensor& updates, int axis = 0);
/// The larger of x and all updates with that index, NaN where one is NaN, as x.at[indices].max(updates) in JAX and
/// torch.index_reduce with "amax"; f32, i32 or u32. Cost as scatter_add. x and the largest of the updates share the
/// gradient where they are equal, and so do equal updates. Throws as scatter_set.
Tensor scatter_max(const Tensor& x, const Tensor& indices, const Tensor& updates, int axis = 0);
/// The smaller; as scatter_max.
Tensor scatter_min(const Tensor& x, const Tensor& indices, const Tensor& updates, int axis = 0);

extern const Op scatter_rows_op, scatter_largest_op;

}  // namespace hekla
