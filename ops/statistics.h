// Statistics over axes: variance, standard deviation, logsumexp, norms. All take f32. An empty list of axes
// means all axes. Folded axes disappear unless keep_dims asks for size 1.
#pragma once

#include <vector>

#include "ops/reduce.h"

namespace hekla {

/// sum of (x - mean)^2 over axes, divided by their count less `correction`: 0, Keras's and NumPy's default,
/// for the variance of a population, 1, PyTorch's, for an estimate from a sample. Two passes, so that large
/// means lose nothing. Throws hekla::Error when there are not more elements than `correction`.
Tensor variance(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no,
                int correction = 0);
/// Square root of the variance; gradient 0 where it is 0.
Tensor std(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no,
           int correction = 0);

/// log(sum of e^x) over axes, from x less its largest element so that nothing overflows; -inf where all are
/// -inf. The axes must not be empty.
Tensor logsumexp(const Tensor& x, const std::vector<int>& axes = {}, KeepDims keep = KeepDims::no);

/// Vector norm over axes: `order` 1 is the sum of |x|, 2 the square root of the sum of x^2, infinity the
/// largest |x|; gradient 0 where it is 0. Throws hekla::Error for any other order.
Tensor norm(const Tensor& x, double order = 2, const std::vector<int>& axes = {},
            KeepDims keep = KeepDims::no);

}  // namespace hekla
