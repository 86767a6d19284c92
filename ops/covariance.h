// Covariances and correlations.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// The covariances [n, n] of n variables from x [n, observations], a row for each variable, as np.cov: sum over k of
/// (x[i, k] - mean of row i) * (x[j, k] - mean of row j), divided by the number of observations minus `correction`. A
/// vector is one variable, and its variance a scalar. f32. Throws hekla::Error for other ranks, and when there are not
/// more observations than `correction`.
Tensor cov(const Tensor& x, int correction = 1);

/// The correlation coefficients (Pearson's) of the same variables, cov(x)[i, j] / sqrt(cov(x)[i, i] * cov(x)[j, j]),
/// as np.corrcoef: between -1 and 1, and NaN for a variable that does not vary. Throws hekla::Error for ranks other
/// than 1 and 2, and without observations.
Tensor corrcoef(const Tensor& x);

}  // namespace hekla
