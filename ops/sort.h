// Sorting along an axis. Every sort is stable: equal elements keep their order. A NaN is larger than every
// number, as in NumPy and PyTorch: last in ascending, first in descending order.
//
// Cost for a row of n elements: up to n = sort_by_rank, each element is compared with every other, n^2
// comparisons in two kernels. Longer rows are divided into blocks that are sorted this way and then merged
// pairwise, O(n log n) in two kernels for each doubling. Where few elements are asked for, as by top_k, each block
// hands on its first, until one block is left.
#pragma once

#include "graph/tensor.h"

namespace hekla {

enum class Order { ascending, descending };

inline constexpr std::int64_t sort_by_rank = 512;

/// Positions (i32) along `axis` in the order of the elements there (f32, i32, u32 or u8), as np.argsort with
/// kind="stable". Not differentiable. Throws hekla::Error for bool and for a scalar.
Tensor argsort(const Tensor& x, int axis = -1, Order order = Order::ascending);

/// The elements (f32, i32, u32 or u8) sorted along `axis`, as np.sort. The gradient is scattered back through
/// the inverse permutation, which takes another argsort.
Tensor sort(const Tensor& x, int axis = -1, Order order = Order::ascending);

struct TopK {
  Tensor values;   ///< largest first
  Tensor indices;  ///< i32, their positions along the axis
};
/// The k largest elements along `axis` (f32, i32, u32 or u8), the first of equals first, as keras.ops.top_k
/// with sorted=True. The axis gets size k. Gradients flow through the values, at the cost of take_along_axis.
/// Throws hekla::Error when k is negative or larger than the axis.
TopK top_k(const Tensor& x, std::int64_t k, int axis = -1);

extern const Op merge_op, sort_op;

}  // namespace hekla
