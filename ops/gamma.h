// The logarithm of the gamma function and its derivatives. All take f32 and keep the shape.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// log |gamma(x)|, as torch.lgamma; infinite at 0, at negative whole numbers and at both infinities. On a device within
/// 1e-6 (1 + |y|), of positive x to a few units in the last place. Its gradient is digamma.
Tensor lgamma(const Tensor& x);

/// The derivative of lgamma, gamma'(x) / gamma(x), as torch.digamma: -inf at 0, inf at -0, and NaN at negative whole
/// numbers and -inf. On a device within 1e-6 (1 + |y|) where x is not near a negative whole number, of positive x to a
/// few units in the last place. Its gradient is polygamma(1, x).
Tensor digamma(const Tensor& x);

/// The n-th derivative of digamma, as torch.polygamma: digamma for n = 0, trigamma for n = 1. At 0 and negative whole
/// numbers infinite, of the sign that it has at the right of 0; 0 where its size / n! is below 1e-38. Its gradient is
/// polygamma(n + 1, x). Throws hekla::Error unless n is in [0, 30] (f32 holds no n! beyond 34).
Tensor polygamma(int n, const Tensor& x);

extern const Op lgamma_op, digamma_op, zeta_op;

}  // namespace hekla
