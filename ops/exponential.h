// Powers, exponentials, logarithms and functions made of them. All take f32 and keep the shape of their
// operand.
#pragma once

#include "graph/tensor.h"

namespace hekla {

Tensor square(const Tensor& x);  ///< x * x; any dtype that multiplies
Tensor sqrt(const Tensor& x);    ///< square root; NaN below 0
/// 1 / sqrt(x); infinite at 0, NaN below.
Tensor rsqrt(const Tensor& x);
Tensor exp(const Tensor& x);  ///< e^x
/// e^x - 1, to full relative precision near 0.
Tensor expm1(const Tensor& x);
Tensor log(const Tensor& x);  ///< natural logarithm; -inf at 0, NaN below
/// log(1 + x), to full relative precision near 0; -inf at -1, NaN below.
Tensor log1p(const Tensor& x);

/// x^exponent for f32, broadcast against each other. A negative x needs a whole exponent and gives NaN for
/// others. x^0 and 1^exponent are 1 whatever the other operand is; 0 to a negative exponent is infinite.
/// Other zeros and infinities follow C99, F.9.4.4. The gradient of x is exponent * x^(exponent - 1), also at
/// 0, where it may be infinite. The gradient of a tensor exponent is x^exponent * log(x), 0 where x is 0 and
/// the exponent is not negative, and NaN where x is negative. A whole C++ number as exponent is computed by
/// multiplication, and so takes i32 and u32 too.
Tensor pow(const Tensor& x, const Tensor& exponent);

Tensor sinh(const Tensor& x);     ///< (e^x - e^-x) / 2, to full relative precision near 0; finite up to 89.4
Tensor cosh(const Tensor& x);     ///< (e^x + e^-x) / 2; finite up to 89.4
Tensor tanh(const Tensor& x);     ///< hyperbolic tangent; exact at the extremes
Tensor sigmoid(const Tensor& x);  ///< 1 / (1 + e^-x)
/// log(1 + e^x), which never overflows; its gradient is sigmoid(x).
Tensor softplus(const Tensor& x);

extern const Op sqrt_op, exp_op, expm1_op, log_op, log1p_op, pow_op, sinh_op, cosh_op, tanh_op, sigmoid_op,
    softplus_op;

}  // namespace hekla
