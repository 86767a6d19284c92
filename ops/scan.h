// Cumulative sums, products and extremes. Blocks are scanned, then the blocks' totals, and so on: rounding errors stay
// small, and the number of kernels grows with the logarithm of the size.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// y[i] = x[0] + .. + x[i] along `axis`; f32, i32 or u32 (which wraps around); shape kept.
Tensor cumsum(const Tensor& x, int axis = -1);

/// y[i] = x[0] * .. * x[i] along `axis`, as np.cumprod; f32, i32 or u32 (which wraps around); shape kept. Nothing is
/// divided, so gradients of every order are right where elements are 0.
Tensor cumprod(const Tensor& x, int axis = -1);

/// y[i] = log(e^x[0] + .. + e^x[i]) along `axis`, as torch.logcumsumexp; f32; shape kept. Never overflows; -inf where
/// all elements so far are -inf, with gradient 0 for these.
Tensor logcumsumexp(const Tensor& x, int axis = -1);

/// The result of cummax and cummin.
struct CumulativeExtremes {
  Tensor values;   ///< y[i] of x[0], .., x[i] along the axis
  Tensor indices;  ///< i32, the positions along the axis of these values, the last of equals
};
/// The largest element so far along `axis`, NaN from the first NaN on, as torch.cummax; f32, i32 or u32; shape kept.
/// The gradient of a value goes to the element at its index, at the cost of scatter_add. Throws hekla::Error beyond
/// 2^31 - 1 elements, as positions are counted in i32.
CumulativeExtremes cummax(const Tensor& x, int axis = -1);
/// The smallest element so far; as cummax (torch.cummin).
CumulativeExtremes cummin(const Tensor& x, int axis = -1);

}  // namespace hekla
