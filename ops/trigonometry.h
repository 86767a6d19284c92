// Trigonometry in radians. All take f32 and keep the shape of their operand; two operands broadcast.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// Sine, to 2 ulp for every finite x; NaN for infinity.
Tensor sin(const Tensor& x);
/// Cosine, as accurate as sin.
Tensor cos(const Tensor& x);
Tensor tan(const Tensor& x);  ///< sin(x) / cos(x)
/// Angle in [-pi/2, pi/2] whose sine is x; NaN outside [-1, 1]. Gradient 1 / sqrt(1 - x^2), infinite at -1
/// and 1.
Tensor asin(const Tensor& x);
/// Angle in [0, pi] whose cosine is x; NaN outside [-1, 1]. Gradient -1 / sqrt(1 - x^2), infinite at -1
/// and 1.
Tensor acos(const Tensor& x);
/// Angle in [-pi/2, pi/2] whose tangent is x.
Tensor atan(const Tensor& x);

/// sin(pi x) / (pi x), 1 at 0, as np.sinc; exact derivatives at 0, too.
Tensor sinc(const Tensor& x);

/// Angle in [-pi, pi] of the point (x, y), whose tangent is y / x, as np.arctan2: y comes first. Zeros count with
/// their signs and infinities as in C99, F.9.1.4. Its gradient is 0 at the origin.
Tensor atan2(const Tensor& y, const Tensor& x);
/// sqrt(x^2 + y^2), which neither overflows nor underflows on the way; infinite where one of them is, even where
/// the other is NaN (C99, F.9.4.3). Its gradient is 0 at the origin, as that of norm.
Tensor hypot(const Tensor& x, const Tensor& y);

extern const Op sin_op, cos_op, atan_op, asin_op, acos_op, atan2_op, hypot_op;

}  // namespace hekla
