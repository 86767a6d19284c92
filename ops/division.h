// Reciprocals, remainders and floor division.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// 1 / x; f32; infinite at 0.
Tensor reciprocal(const Tensor& x);

/// The remainder with the sign of b, as Python's % and NumPy's: that of C's fmod, which is exact for any
/// quotient, plus b where the signs differ. f32, i32 or u32. NaN where a is infinite or b is 0; for integers,
/// 0 where b is 0. Its gradients are 1 and -floor_divide(a, b).
Tensor modulo(const Tensor& a, const Tensor& b);
/// modulo under NumPy's and PyTorch's name.
Tensor remainder(const Tensor& a, const Tensor& b);
/// The remainder with the sign of a, as C's fmod, np.fmod and torch.fmod; exact for any quotient. f32, i32 or u32.
/// NaN where a is infinite or b is 0; for integers, 0 where b is 0. Its gradients are 1 and -trunc(a / b).
Tensor fmod(const Tensor& a, const Tensor& b);
/// floor(a / b) of the exact quotient, as Python's // and NumPy's: 5.5 // 0.1 is 54, since 0.1 in binary is a
/// little more. f32, i32 or u32. a / 0 stays infinite or NaN; for integers it is 0. Gradient 0.
Tensor floor_divide(const Tensor& a, const Tensor& b);

extern const Op modulo_op, fmod_op, floor_divide_op, divide_integers_op, modulo_integers_op, fmod_integers_op,
    floor_divide_integers_op;

}  // namespace hekla
