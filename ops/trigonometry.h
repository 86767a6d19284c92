// Trigonometry in radians. All take f32 and keep the shape of their operand.
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

extern const Op sin_op, cos_op, atan_op, asin_op, acos_op;

}  // namespace hekla
