// The error function, its complement and its inverse.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// erf(x) = 2 / sqrt(pi) * integral of e^(-t^2) from 0 to x; f32, shape kept. On a device within 3e-7.
/// (Abramowitz, Stegun: Handbook of Mathematical Functions, 7.1.5 and 7.1.26.)
Tensor erf(const Tensor& x);

/// 1 - erf(x), without the cancellation: to a few units in the last place also where it is small, down to where f32
/// ends at x = 9.2; f32, shape kept. (Shepherd, Laframboise: Chebyshev Approximation of (1 + 2x) exp(x^2) erfc x,
/// Mathematics of Computation 36, 1981.)
Tensor erfc(const Tensor& x);

/// The y with erf(y) = x; f32, shape kept; infinite at -1 and 1, NaN outside. On a device within 1e-6 * (1 +
/// |y|). (Giles: Approximating the erfinv function, GPU Computing Gems, Jade Edition, 2011.)
Tensor erfinv(const Tensor& x);

extern const Op erf_op, erfc_op, erfinv_op;

}  // namespace hekla
