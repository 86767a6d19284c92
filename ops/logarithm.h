// Logarithms and powers to the bases 2 and 10, and inverse hyperbolic functions, which are logarithms, too. All take
// f32 and keep the shape of their operand; two operands broadcast.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// Logarithm to the base 2, exact for powers of two; -inf at 0, NaN below.
Tensor log2(const Tensor& x);
/// Logarithm to the base 10; -inf at 0, NaN below.
Tensor log10(const Tensor& x);
/// 2^x, exact for whole numbers.
Tensor exp2(const Tensor& x);

/// log(e^a + e^b), which does not overflow, as np.logaddexp.
Tensor logaddexp(const Tensor& a, const Tensor& b);
/// log2(2^a + 2^b), which does not overflow, as np.logaddexp2.
Tensor logaddexp2(const Tensor& a, const Tensor& b);

/// The y with sinh(y) = x: log(x + sqrt(x^2 + 1)), to full relative precision near 0.
Tensor asinh(const Tensor& x);
/// The y >= 0 with cosh(y) = x: log(x + sqrt(x^2 - 1)); NaN below 1. Its gradient is infinite at 1.
Tensor acosh(const Tensor& x);
/// The y with tanh(y) = x: log((1 + x) / (1 - x)) / 2, to full relative precision near 0; infinite at -1 and 1, NaN
/// outside.
Tensor atanh(const Tensor& x);

extern const Op log2_op, log10_op, exp2_op, asinh_op, acosh_op, atanh_op;

}  // namespace hekla
