// The maximum that every operation and kernel uses: NaN where either operand is NaN, as IEEE 754-2019's
// maximum and PyTorch have it. GLSL's max and std::max may lose a NaN. Zeros of both signs are equal, and
// which of the two is returned is unspecified. The minimum is the maximum in reverse_order.
#pragma once

#include <cmath>
#include <span>
#include <string_view>

#include "graph/dtype.h"

namespace hekla {

// For Op::glsl, elementwise and as a combiner, of floats and integers.
inline constexpr std::string_view maximum_glsl = "({0} > {1} || {0} != {0} ? {0} : {1})";

// For Op::eval.
inline constexpr auto maximum_eval = [](std::span<const double> x, DType) {
  return std::isnan(x[0]) || x[0] > x[1] ? x[0] : x[1];
};

}  // namespace hekla
