// Rounding, sign, absolute value and clipping.
#pragma once

#include "graph/tensor.h"

namespace hekla {

Tensor floor(const Tensor& x);  ///< largest whole number not above x; f32; gradient 0
Tensor ceil(const Tensor& x);   ///< smallest whole number not below x; f32; gradient 0
/// The whole number nearest to x that is not farther from 0, as torch.trunc; f32; gradient 0.
Tensor trunc(const Tensor& x);
/// x - trunc(x), which has the sign of x, as torch.frac; f32; gradient 1. NaN where x is infinite.
Tensor frac(const Tensor& x);
/// The nearest whole number, ties to even as in IEEE 754 and NumPy; f32; gradient 0.
Tensor round(const Tensor& x);
/// -1, 0 or 1; f32 or i32; gradient 0. NaN where x is NaN, as np.sign.
Tensor sign(const Tensor& x);
/// |x|; f32 or i32; gradient 0 at 0 and NaN at NaN. Derivatives of expressions that are smooth at 0, such as
/// square(abs(x)), are right.
Tensor abs(const Tensor& x);
/// True where x is negative or -0, as np.signbit; f32. False for NaN, of either sign.
Tensor signbit(const Tensor& x);
/// |a| with the sign of b, as np.copysign; f32; +|a| where b is NaN. The gradient of a is that of abs times the sign, that of b
/// is 0.
Tensor copysign(const Tensor& a, const Tensor& b);

/// x clipped to [low, high], which may be tensors that broadcast against x. On a bound x keeps its whole
/// gradient, as in PyTorch. NaN where x or a bound is NaN. Throws hekla::Error when both bounds are numbers
/// and low is above high.
Tensor clip(const Tensor& x, const Tensor& low, const Tensor& high);

extern const Op floor_op, abs_op, signbit_op;

}  // namespace hekla
