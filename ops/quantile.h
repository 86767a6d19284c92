// Quantiles and the median. An empty list of axes means all axes. Reduced axes are removed, or kept with size 1 by
// KeepDims::yes.
#pragma once

#include <vector>

#include "ops/reduce.h"

namespace hekla {

/// The number below which the fraction q of the elements over axes lies, as np.quantile with its default, linear
/// interpolation: of n sorted elements, the one at position q (n - 1), or between the two next to it. f32. NaN where an
/// element is NaN. Between equal infinities lies that infinity (in NumPy NaN). Cost and gradient are those of sort; an
/// element at the position, or the lower one of two equals, gets the whole gradient. Throws hekla::Error unless q is in
/// [0, 1], and when there are no elements.
Tensor quantile(const Tensor& x, double q, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// Several quantiles, stacked along a new first axis. The elements are sorted once.
Tensor quantile(const Tensor& x, const std::vector<double>& q, const Axes& axes = {},
                KeepDims keep = KeepDims::no);

/// quantile(x, 0.5, axes, keep): the middle element, or the mean of the middle two, as np.median. (torch.median takes
/// the lower of the two.)
Tensor median(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no);

}  // namespace hekla
