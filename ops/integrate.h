// Integrals of samples by the trapezoidal rule. All take f32.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// The sum over i of dx (y[i] + y[i + 1]) / 2 along `axis`, which is removed, as np.trapezoid; 0 for fewer than two samples.
Tensor trapezoid(const Tensor& y, double dx = 1, int axis = -1);
/// The same for samples at the positions x, a vector or of a shape that broadcasts with y: the distances are
/// x[i + 1] - x[i]. Throws hekla::Error where x has another number of positions along the axis.
Tensor trapezoid(const Tensor& y, const Tensor& x, int axis = -1);

/// The integrals up to each sample but the first, as torch.cumulative_trapezoid: the axis has one element less.
Tensor cumulative_trapezoid(const Tensor& y, double dx = 1, int axis = -1);
/// The same for samples at the positions x; as trapezoid.
Tensor cumulative_trapezoid(const Tensor& y, const Tensor& x, int axis = -1);

}  // namespace hekla
