// Statistics over axes: variance, standard deviation, logsumexp, norms. All take f32. An empty list of axes
// means all axes. Reduced axes are removed, or kept with size 1 by KeepDims::yes.
#pragma once

#include <vector>

#include "ops/axes.h"
#include "ops/reduce.h"

namespace hekla {

/// The result of `moments`.
struct Moments {
  Tensor mean, variance;
};
/// Mean over axes and mean of (x - mean)^2. Both are computed relative to the first element of each reduced
/// region: for equal numbers the mean is that number and the variance 0, and a large mean costs no precision.
/// (keras.ops.moments.)
Moments moments(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no);

/// sum of (x - mean)^2 over axes, divided by the number of elements minus `correction`. Correction 0, Keras's
/// and NumPy's default, gives the variance of a population; 1, PyTorch's, an estimate from a sample. As exact
/// as `moments`: 0 for equal numbers. Throws hekla::Error when there are not more elements than `correction`.
Tensor variance(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no, int correction = 0);
/// Square root of the variance; gradient 0 where it is 0. The derivatives of its square are those of the
/// variance, also where it is 0.
Tensor std(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no, int correction = 0);

/// log(sum of e^x) over axes, computed from x minus its maximum so that nothing overflows; -inf where all
/// elements are -inf. The axes must not be empty.
Tensor logsumexp(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no);

/// Vector norm over axes: `order` 1 is the sum of |x|, 2 the square root of the sum of x^2, infinity the
/// largest |x|. The gradient is 0 where the norm is 0. Derivatives of expressions that are smooth there, such
/// as square(norm(x)), are right: a factor of the norm in the incoming gradient cancels the norm it is
/// divided by. Throws hekla::Error for any other order.
Tensor norm(const Tensor& x, double order = 2, const Axes& axes = {}, KeepDims keep = KeepDims::no);

/// Sum over axes of what is not NaN, as np.nansum; 0 where all are NaN.
Tensor nansum(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no);
/// Mean over axes of what is not NaN, as np.nanmean; NaN where all are NaN.
Tensor nanmean(const Tensor& x, const Axes& axes = {}, KeepDims keep = KeepDims::no);

extern const Op root_op;

}  // namespace hekla
