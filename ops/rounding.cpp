// Rounding, signs and bounds: floor is the primitive.
#include "ops/rounding.h"

#include <fmt/format.h>

#include <cmath>

#include "graph/error.h"
#include "ops/elementwise.h"

namespace hekla {

// Constant between its steps: an empty gradient says that nothing flows.
const Op floor_op{.name = "floor",
                  .kind = Kind::elementwise,
                  .arity = 1,
                  .infer = float_operands,
                  .glsl = "floor({0})",
                  .eval = [](std::span<const double> x, DType) { return std::floor(x[0]); },
                  .vjp = [](const Tensor&, const Tensor&) -> std::vector<Tensor> { return {Tensor()}; }};
Tensor floor(const Tensor& x) { return apply(floor_op, {x}); }

Tensor ceil(const Tensor& x) { return -floor(-x); }

Tensor round(const Tensor& x) {
  const Tensor below = floor(x);
  const Tensor rest = stop_gradient(x) - below;
  const Tensor even = 2 * floor(below * 0.5);
  const Tensor half = where(equal(below, even), below, below + 1);
  return where(rest < 0.5, below, where(rest > 0.5, below + 1, half));
}

Tensor sign(const Tensor& x) {
  const auto number = [&](double value) { return constant(value, {}, x.dtype()); };
  return where(x > 0, number(1), where(x < 0, number(-1), number(0)));
}

Tensor abs(const Tensor& x) { return maximum(x, -x); }

Tensor clip(const Tensor& x, const Tensor& low, const Tensor& high) {
  if (low.defined() && high.defined() && is_literal(low) && is_literal(high) &&
      low.node().attributes.number > high.node().attributes.number) {
    throw Error(fmt::format("[clip] low is {} and high {}; low must not be above high.",
                            low.node().attributes.number, high.node().attributes.number));
  }
  const std::vector<Tensor> operands = broadcast_operands("clip", {x, low, high});
  return where(operands[0] < operands[1], operands[1],
               where(operands[0] > operands[2], operands[2], operands[0]));
}

}  // namespace hekla
