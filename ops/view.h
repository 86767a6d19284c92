// Views: they rearrange elements without computing. A view never becomes a kernel; its readers compute the
// index of the element it stands for.
#pragma once

#include <initializer_list>
#include <vector>

#include "graph/tensor.h"
#include "ops/axes.h"

namespace hekla {

/// The same elements, in row-major order, in another shape; one size may be -1 and follows from the rest.
Tensor reshape(const Tensor& x, const std::vector<std::int64_t>& sizes);
Tensor reshape(const Tensor& x, std::initializer_list<std::int64_t> sizes);
Tensor reshape(const Tensor& x, const Shape& shape);
/// Keeps the first axis and merges all others: [n, ...] to [n, product].
Tensor flatten(const Tensor& x);
/// Axis i of the result is axis order[i] of x.
Tensor permute(const Tensor& x, const std::vector<int>& order);
/// Exchanges the last two axes.
Tensor transpose(const Tensor& x);
/// Repeats axes of size 1, and adds leading axes, until the shape is `shape`.
Tensor broadcast_to(const Tensor& x, const Shape& shape);
/// A new axis of size 1 before `axis` (of the result).
Tensor expand_dims(const Tensor& x, int axis);
/// Removes the named axes, which must have size 1.
Tensor squeeze(const Tensor& x, const Axes& axes);
/// Removes all axes of size 1.
Tensor squeeze(const Tensor& x);

/// A scalar as a vector of one element, other tensors as they are, as np.atleast_1d.
Tensor atleast_1d(const Tensor& x);
/// x [n] as a row [1, n], a scalar as [1, 1]; np.atleast_2d.
Tensor atleast_2d(const Tensor& x);
/// x [n] as [1, n, 1], [m, n] as [m, n, 1], a scalar as [1, 1, 1]; np.atleast_3d.
Tensor atleast_3d(const Tensor& x);

/// Positions as Python's start:stop:step; an end that is left out, or `whole`, reaches as far as there are
/// elements.
struct Range {
  std::int64_t start = whole;
  std::int64_t stop = whole;  ///< exclusive
  std::int64_t step = 1;      ///< negative steps walk backwards: {.step = -1} reverses
  static constexpr std::int64_t whole = INT64_MAX;
};
/// x[start:stop:step] per axis, as Python slices: negative positions count from the end, positions are
/// clipped. Axes beyond `ranges` are taken whole.
Tensor slice(const Tensor& x, const std::vector<Range>& ranges);

struct Padding {
  std::int64_t low = 0;       ///< elements added before
  std::int64_t high = 0;      ///< elements added after
  std::int64_t interior = 0;  ///< elements added between adjacent elements
};
/// x padded with `value` around and between its elements. Axes beyond `paddings` are unchanged.
Tensor pad(const Tensor& x, const std::vector<Padding>& paddings, double value = 0);

/// Sliding windows along `axis`: [.., n, ..] becomes [.., count, .., size], where element (i, j) is
/// x[i * step + j * dilation] and count = (n - (size - 1) * dilation - 1) / step + 1.
Tensor windows(const Tensor& x, int axis, std::int64_t size, std::int64_t step = 1,
               std::int64_t dilation = 1);

extern const Op reshape_op, permute_op, broadcast_op, slice_op, pad_op, windows_op;

}  // namespace hekla
