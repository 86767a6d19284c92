// Statistics over axes: variance, standard deviation, logsumexp, norms. All take f32. An empty list of axes
// means all axes. Folded axes disappear unless keep_dims asks for size 1.
#pragma once

#include <vector>

#include "ops/reduce.h"

namespace hekla {

/// What `moments` gives.
struct Moments {
  Tensor mean, variance;
};
/// Mean over axes and mean of (x - mean)^2, measured from the first element of each region, so that of equal
/// numbers the mean is that number and the variance 0, and large means lose nothing. (keras.ops.moments.)
Moments moments(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no);

/// sum of (x - mean)^2 over axes, divided by their count less `correction`: 0, Keras's and NumPy's default,
/// for the variance of a population, 1, PyTorch's, for an estimate from a sample. As exact as `moments`: 0 of
/// equal numbers. Throws hekla::Error when there are not more elements than `correction`.
Tensor variance(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no,
                int correction = 0);
/// Square root of the variance; gradient 0 where it is 0. The derivatives of its square are those of the
/// variance, there too.
Tensor std(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no,
           int correction = 0);

/// log(sum of e^x) over axes, from x less its largest element so that nothing overflows; -inf where all are
/// -inf. The axes must not be empty.
Tensor logsumexp(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no);

/// Vector norm over axes: `order` 1 is the sum of |x|, 2 the square root of the sum of x^2, infinity the
/// largest |x|; gradient 0 where it is 0. Derivatives of what is smooth there, as square(norm(x)) is, are
/// right: a factor of the norm in the gradient that arrives cancels the norm it is divided by. Throws
/// hekla::Error for any other order.
Tensor norm(const Tensor& x, double order = 2, const std::vector<int>& axes = {},
            KeepDims keep = KeepDims::no);

extern const Op root_op;

}  // namespace hekla
