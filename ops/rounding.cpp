// Rounding, sign, absolute value and clipping; floor, abs and signbit are primitives.
#include "ops/rounding.h"

#include <fmt/format.h>

#include <cmath>

#include "graph/error.h"
#include "ops/cancel.h"
#include "ops/elementwise.h"

namespace hekla {

// A step function: an empty gradient means that no gradient flows.
const Op floor_op{.name = "floor",
                  .kind = Kind::elementwise,
                  .arity = 1,
                  .infer = float_operands,
                  .glsl = "floor({0})",
                  .eval = [](std::span<const double> x, DType) { return std::floor(x[0]); },
                  .onnx = "Floor",
                  .vjp = [](const Tensor&, const Tensor&) -> std::vector<Tensor> { return {Tensor()}; }};
Tensor floor(const Tensor& x) { return apply(floor_op, {x}); }

Tensor ceil(const Tensor& x) { return -floor(-x); }

Tensor trunc(const Tensor& x) { return where(x < 0, ceil(x), floor(x)); }

Tensor frac(const Tensor& x) { return x - trunc(x); }

Tensor round(const Tensor& x) {
  const Tensor below = floor(x);
  const Tensor rest = stop_gradient(x) - below;
  const Tensor even = 2 * floor(below * 0.5);
  const Tensor above = ceil(x);  // -0 between -1 and 0
  const Tensor half = where(equal(below, even), below, above);
  return where(rest < 0.5, below, where(rest > 0.5, above, half));
}

Tensor sign(const Tensor& x) {
  const auto number = [&](double value) { return constant(value, {}, x.dtype()); };
  // x is 0 or NaN here.
  return where(x > 0, number(1), where(x < 0, number(-1), stop_gradient(x)));
}

// A primitive whose gradient reads the result: |x| sign(x) simplifies to x, whose derivative at 0 is 1.
const Op abs_op{.name = "abs",
                .kind = Kind::elementwise,
                .arity = 1,
                .infer = [](const Node& node) -> Meta {
                  const DType dtype = node.inputs[0].dtype();
                  if (dtype != DType::f32 && dtype != DType::i32) {
                    throw Error(fmt::format("[abs] does not take {}; it takes f32 or i32 (see hk::cast).",
                                            describe(node.inputs[0])));
                  }
                  return same_as_operands(node);
                },
                .glsl = "abs({0})",
                .eval = [](std::span<const double> x, DType) { return std::fabs(x[0]); },
                .onnx = "Abs",
                .vjp = [](const Tensor& y, const Tensor& g) -> std::vector<Tensor> {
                  const Tensor& x = y.node().inputs[0];
                  const Tensor rest = without_factor(g, y);
                  return {rest.defined() ? rest * x : g * sign(x)};
                }};
Tensor abs(const Tensor& x) { return apply(abs_op, {x}); }

// Of zeros, comparisons do not see the sign.
const Op signbit_op{
    .name = "signbit",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = [](const Node& node) -> Meta {
      return {float_operands(node).shape, DType::boolean};
    },
    .glsl = "({0} == {0} && floatBitsToUint({0}) >> 31 != 0u)",
    .eval = [](std::span<const double> x,
               DType) { return static_cast<double>(!std::isnan(x[0]) && std::signbit(x[0])); }};
Tensor signbit(const Tensor& x) { return apply(signbit_op, {x}); }

Tensor copysign(const Tensor& a, const Tensor& b) {
  const Tensor size = abs(a);
  return where(signbit(b), -size, size);
}

Tensor clip(const Tensor& x, const Tensor& low, const Tensor& high) {
  if (low.defined() && high.defined() && is_literal(low) && is_literal(high) &&
      low.node().attributes.number > high.node().attributes.number) {
    throw Error(fmt::format("[clip] low is {} and high {}; low must not be above high.",
                            low.node().attributes.number, high.node().attributes.number));
  }
  const std::vector<Tensor> operands = broadcast_operands("clip", {x, low, high});
  // Every comparison with NaN is false, so a NaN x passes through. A bound that may be NaN is tested itself.
  const auto or_is_nan = [](const Tensor& beyond, const Tensor& given, const Tensor& bound) {
    const bool is_number = is_literal(given) && !std::isnan(given.node().attributes.number);
    return is_number || !is_float(bound.dtype()) ? beyond : beyond || not_equal(bound, bound);
  };
  const Tensor below = or_is_nan(operands[0] < operands[1], low, operands[1]);
  const Tensor above = or_is_nan(operands[0] > operands[2], high, operands[2]);
  return where(below, operands[1], where(above, operands[2], operands[0]));
}

}  // namespace hekla
