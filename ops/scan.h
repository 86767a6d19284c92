// Cumulative sums.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// y[i] = x[0] + .. + x[i] along `axis`; f32, i32 or u32 (which wraps around); shape kept. Sums blocks, then
/// the blocks' totals, and so on: rounding errors stay small, and the number of kernels grows with the
/// logarithm of the size.
Tensor cumsum(const Tensor& x, int axis = -1);

}  // namespace hekla
