// An operation that has no gradient rule.
#pragma once

#include <cmath>

#include "ops/elementwise.h"

namespace hekla::testing {

inline const Op steps_op{.name = "steps",
                         .kind = Kind::elementwise,
                         .arity = 1,
                         .infer = same_as_operands,
                         .glsl = "floor({0})",
                         .eval = [](std::span<const double> x, DType) { return std::floor(x[0]); }};

/// floor(x), as a descriptor without vjp.
inline Tensor steps(const Tensor& x) { return apply(steps_op, {x}); }

}  // namespace hekla::testing
