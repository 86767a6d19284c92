// Folding the elements of segments: row i of the values belongs to segment segment_ids[i]. `segment_ids` (i32 or u32) is
// a vector with an id for each row (axis 0) of the values, in any order, and `count` is the number of segments. A row
// whose id is outside [0, count) belongs to none. Everything is done in a fixed order, without atomics, at the cost of
// scatter_add. All throw hekla::Error when the ids do not fit the values or count is negative.
#pragma once

#include <cstdint>

#include "graph/tensor.h"

namespace hekla {

/// Sums of segments: values (f32, i32 or u32) [n, ..] to [count, ..], as jax.ops.segment_sum; 0 for empty segments.
Tensor segment_sum(const Tensor& values, const Tensor& segment_ids, std::int64_t count);
/// Means of segments (f32); 0 for empty ones.
Tensor segment_mean(const Tensor& values, const Tensor& segment_ids, std::int64_t count);
/// Largest elements of segments (f32, i32 or u32), as jax.ops.segment_max: NaN where one is NaN, and the smallest number
/// of the dtype (-inf for f32) for empty segments. Equal largest elements share the gradient.
Tensor segment_max(const Tensor& values, const Tensor& segment_ids, std::int64_t count);
/// Smallest elements of segments; as segment_max. Empty ones are the largest number of the dtype.
Tensor segment_min(const Tensor& values, const Tensor& segment_ids, std::int64_t count);
/// softmax over each segment, f32, in the shape of the values: e^x / sum of e^x over the rows of the same segment,
/// computed from x minus its maximum so that nothing overflows. 0 in rows of no segment.
Tensor segment_softmax(const Tensor& values, const Tensor& segment_ids, std::int64_t count);

}  // namespace hekla
