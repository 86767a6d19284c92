// Trigonometry in radians. All take f32 and keep the shape of their operand.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// Sine; absolute error on a device at most 2e-7 for |x| up to 10,000 and 2e-6 up to 100,000. Much larger
/// angles in f32 are whole turns apart and have no sine worth the name; the result still lies within [-1, 1].
Tensor sin(const Tensor& x);
/// Cosine, as exact as sin.
Tensor cos(const Tensor& x);
Tensor tan(const Tensor& x);  ///< sin(x) / cos(x)
/// Angle in [-pi/2, pi/2] whose sine is x; NaN outside [-1, 1].
Tensor asin(const Tensor& x);
/// Angle in [0, pi] whose cosine is x; NaN outside [-1, 1].
Tensor acos(const Tensor& x);
/// Angle in [-pi/2, pi/2] whose tangent is x.
Tensor atan(const Tensor& x);

extern const Op sin_op, cos_op, atan_op;

}  // namespace hekla
