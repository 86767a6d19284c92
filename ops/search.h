// Searching in sorted numbers, and counting.
#pragma once

#include <cstdint>

#include "graph/tensor.h"

namespace hekla {

/// In front of equal elements, or behind them.
enum class Side { left, right };

/// Where each of `values` would be inserted into `sorted` to keep it ascending, as np.searchsorted: the number (i32) of
/// elements less than the value, or with Side::right less than or equal to it. `sorted` is a vector, and `values` has
/// any shape; or they are [.., n] and [.., m] with the same leading axes, and each row is searched on its own, as by
/// torch.searchsorted. Both are f32, i32 or u32. NaN comes behind all numbers, as sort has it. Not differentiable.
/// Throws hekla::Error when the dtypes or the leading axes differ.
Tensor searchsorted(const Tensor& sorted, const Tensor& values, Side side = Side::left);

/// How often (i32 [length]) each of 0, 1, ..., length - 1 occurs among the elements of x (i32 or u32, any shape), as
/// np.bincount. Other elements are not counted. Throws hekla::Error when length is negative.
Tensor bincount(const Tensor& x, std::int64_t length);
/// The sum of the `weights` (f32, i32 or u32, in the shape of x) of these elements, at the cost and with the gradient
/// of scatter_add.
Tensor bincount(const Tensor& x, std::int64_t length, const Tensor& weights);

/// The result of `histogram`.
struct Histogram {
  Tensor counts;  ///< i32 [bins]
  Tensor edges;   ///< f32 [bins + 1]
};
/// How many elements of x (f32, any shape) lie in each of `bins` intervals of equal length between low and high, as
/// np.histogram with range=(low, high). Bin i holds edges[i] <= x < edges[i + 1], the last one x = high, too. Elements
/// outside and NaN are not counted. Not differentiable. Throws hekla::Error unless low < high, both are finite, and
/// bins is positive.
Histogram histogram(const Tensor& x, std::int64_t bins, double low, double high);

extern const Op searchsorted_op;

}  // namespace hekla
