// Elementwise operations: one block each, descriptor and function. A new one is a block like these, its
// declaration in the header and its line in tests/ops/*_lines.cpp.
#include "ops/elementwise.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/extremes.h"
#include "ops/view.h"

namespace hekla {

namespace {

using Operands = std::span<const double>;
using Gradients = std::vector<Tensor>;

[[noreturn]] void refuse_dtype(const Node& node, const Tensor& operand, std::string_view wanted) {
  throw Error(fmt::format("[{}] does not take {}; it takes {} (see hk::cast).", node.op->name,
                          describe(operand), wanted));
}

void check_same_shape_and_dtype(const Node& node, std::size_t first) {
  for (std::size_t i = first + 1; i < node.inputs.size(); ++i) {
    if (!(node.inputs[i].shape() == node.inputs[first].shape()) ||
        node.inputs[i].dtype() != node.inputs[first].dtype()) {
      throw Error(
          fmt::format("[{}] operands differ: {} and {}; an elementwise operation needs one shape and dtype.",
                      node.op->name, describe(node.inputs[first]), describe(node.inputs[i])));
    }
  }
}

Meta signed_rule(const Node& node) {
  const DType dtype = node.inputs[0].dtype();
  if (dtype != DType::f32 && dtype != DType::i32) refuse_dtype(node, node.inputs[0], "f32 or i32");
  return same_as_operands(node);
}

Meta comparison_rule(const Node& node) { return {number_operands(node).shape, DType::boolean}; }

Meta equality_rule(const Node& node) { return {same_as_operands(node).shape, DType::boolean}; }

Meta any_rule(const Node& node) { return same_as_operands(node); }

Meta where_rule(const Node& node) {
  if (node.inputs[0].dtype() != DType::boolean) refuse_dtype(node, node.inputs[0], "a bool condition");
  check_same_shape_and_dtype(node, 1);
  if (!(node.inputs[0].shape() == node.inputs[1].shape())) {
    throw Error(fmt::format("[where] operands differ: {} and {}; an elementwise operation needs one shape.",
                            describe(node.inputs[0]), describe(node.inputs[1])));
  }
  return {node.inputs[1].shape(), node.inputs[1].dtype()};
}

Tensor binary(const Op& op, const Tensor& a, const Tensor& b) {
  return apply(op, broadcast_operands(op.name, {a, b}));
}

}  // namespace

Meta same_as_operands(const Node& node) {
  check_same_shape_and_dtype(node, 0);
  return {node.inputs[0].shape(), node.inputs[0].dtype()};
}

Meta number_operands(const Node& node) {
  const DType dtype = node.inputs[0].dtype();
  if (!is_arithmetic(dtype)) refuse_dtype(node, node.inputs[0], "f32, i32 or u32");
  return same_as_operands(node);
}

Meta float_operands(const Node& node) {
  if (node.inputs[0].dtype() != DType::f32) refuse_dtype(node, node.inputs[0], "f32");
  return same_as_operands(node);
}

std::vector<Tensor> broadcast_operands(std::string_view op, std::vector<Tensor> operands) {
  Shape shape;
  const Tensor* typed = nullptr;
  bool fractional = false;
  for (const Tensor& operand : operands) {
    if (!operand.defined())
      throw Error(fmt::format("[{}] an operand is an empty tensor; assign it a value first.", op));
    shape = broadcast_shapes(shape, operand.shape(), op);
    if (!is_literal(operand)) {
      if (typed && typed->dtype() != operand.dtype()) {
        throw Error(fmt::format("[{}] dtypes differ: {} and {}; cast one operand (see hk::cast).", op,
                                describe(*typed), describe(operand)));
      }
      typed = &operand;
    } else {
      fractional |= operand.dtype() == DType::f32;
    }
  }
  const DType dtype = typed ? typed->dtype() : fractional ? DType::f32 : operands[0].dtype();
  for (Tensor& operand : operands) {
    if (is_literal(operand)) {
      const double number = operand.node().attributes.number;
      if (!is_float(dtype) && convert(number, dtype) != number) {
        throw Error(
            fmt::format("[{}] the number {} is no {}; cast the tensor or use a whole number in range.", op,
                        number, name(dtype)));
      }
      operand = constant(number, shape, dtype);
    } else {
      operand = broadcast_to(operand, shape);
    }
  }
  return operands;
}

// Arithmetic
// -----------------------------------------------------------------------------------------------------

const Op add_op{.name = "add",
                .kind = Kind::elementwise,
                .arity = 2,
                .infer = number_operands,
                .glsl = "({0} + {1})",
                .identity = 0,
                .commutative = true,
                .eval = [](Operands x, DType) { return x[0] + x[1]; },
                .onnx = "Add",
                .vjp = [](const Tensor&, const Tensor& g) -> Gradients {
                  return {g, g};
                }};
Tensor add(const Tensor& a, const Tensor& b) { return binary(add_op, a, b); }

const Op subtract_op{.name = "subtract",
                     .kind = Kind::elementwise,
                     .arity = 2,
                     .infer = number_operands,
                     .glsl = "({0} - {1})",
                     .identity = 0,
                     .eval = [](Operands x, DType) { return x[0] - x[1]; },
                     .onnx = "Sub",
                     .vjp = [](const Tensor&, const Tensor& g) -> Gradients {
                       return {g, -g};
                     }};
Tensor subtract(const Tensor& a, const Tensor& b) { return binary(subtract_op, a, b); }

const Op multiply_op{.name = "multiply",
                     .kind = Kind::elementwise,
                     .arity = 2,
                     .infer = number_operands,
                     .glsl = "({0} * {1})",
                     .identity = 1,
                     .commutative = true,
                     .eval =
                         [](Operands x, DType dtype) {
                           if (is_float(dtype)) return x[0] * x[1];
                           // Two's complement products agree modulo 2^32, which a double's 53 bits cannot
                           // hold.
                           const auto a = static_cast<std::uint64_t>(static_cast<std::int64_t>(x[0]));
                           const auto b = static_cast<std::uint64_t>(static_cast<std::int64_t>(x[1]));
                           return static_cast<double>((a * b) & 0xffffffffu);
                         },
                     .onnx = "Mul",
                     .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                       const auto& x = y.node().inputs;
                       return {g * x[1], g * x[0]};
                     }};
Tensor multiply(const Tensor& a, const Tensor& b) { return binary(multiply_op, a, b); }

const Op divide_op{.name = "divide",
                   .kind = Kind::elementwise,
                   .arity = 2,
                   .infer = float_operands,
                   .glsl = "({0} / {1})",
                   .identity = 1,
                   .eval = [](Operands x, DType) { return x[0] / x[1]; },
                   .cost = 4,
                   .onnx = "Div",
                   .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                     const Tensor scaled = g / y.node().inputs[1];
                     return {scaled, -(scaled * y)};
                   }};
Tensor divide(const Tensor& a, const Tensor& b) {
  const std::vector<Tensor> operands = broadcast_operands("divide", {a, b});
  const DType dtype = operands[0].dtype();
  return apply(dtype == DType::i32 || dtype == DType::u32 ? divide_integers_op : divide_op, operands);
}

const Op maximum_op{
    .name = "maximum",
    .kind = Kind::elementwise,
    .arity = 2,
    .infer = number_operands,
    .glsl = maximum_glsl,
    .identity = -std::numeric_limits<double>::infinity(),
    .commutative = true,
    .eval = maximum_eval,
    .onnx = "Max",
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
      const auto& x = y.node().inputs;
      const Tensor half = g * 0.5f;
      const Tensor tie = equal(x[0], x[1]);
      // With a NaN neither comparison is true, so both operands get the gradient.
      return {where(tie, half, where(x[0] < x[1], 0, g)), where(tie, half, where(x[1] < x[0], 0, g))};
    }};
Tensor maximum(const Tensor& a, const Tensor& b) { return binary(maximum_op, a, b); }

Tensor reverse_order(const Tensor& x) {
  return is_float(x.dtype()) ? -x : subtract(constant(-1, x.shape(), x.dtype()), x);
}

Tensor minimum(const Tensor& a, const Tensor& b) {
  const std::vector<Tensor> operands = broadcast_operands("minimum", {a, b});
  return reverse_order(maximum(reverse_order(operands[0]), reverse_order(operands[1])));
}

Tensor fmax(const Tensor& a, const Tensor& b) {
  return where(not_equal(a, a), b, where(not_equal(b, b), a, maximum(a, b)));
}

Tensor fmin(const Tensor& a, const Tensor& b) { return -fmax(-a, -b); }

const Op negate_op{.name = "negate",
                   .kind = Kind::elementwise,
                   .arity = 1,
                   .infer = signed_rule,
                   .glsl = "(-{0})",
                   .eval = [](Operands x, DType) { return -x[0]; },
                   .onnx = "Neg",
                   .vjp = [](const Tensor&, const Tensor& g) -> Gradients { return {-g}; }};
Tensor negate(const Tensor& x) { return apply(negate_op, {x}); }

// Comparisons and logic
// ------------------------------------------------------------------------------------------

const Op less_op{.name = "less",
                 .kind = Kind::elementwise,
                 .arity = 2,
                 .infer = comparison_rule,
                 .glsl = "({0} < {1})",
                 .eval = [](Operands x, DType) { return x[0] < x[1] ? 1.0 : 0.0; },
                 .onnx = "Less"};
Tensor less(const Tensor& a, const Tensor& b) { return binary(less_op, a, b); }
Tensor greater(const Tensor& a, const Tensor& b) { return less(b, a); }

const Op equal_op{.name = "equal",
                  .kind = Kind::elementwise,
                  .arity = 2,
                  .infer = equality_rule,
                  .glsl = "({0} == {1})",
                  .eval = [](Operands x, DType) { return x[0] == x[1] ? 1.0 : 0.0; },
                  .onnx = "Equal"};
Tensor equal(const Tensor& a, const Tensor& b) { return binary(equal_op, a, b); }

// Not the negation of greater: every comparison with NaN is false.
const Op less_equal_op{.name = "less_equal",
                       .kind = Kind::elementwise,
                       .arity = 2,
                       .infer = comparison_rule,
                       .glsl = "({0} <= {1})",
                       .eval = [](Operands x, DType) { return x[0] <= x[1] ? 1.0 : 0.0; },
                       .onnx = "LessOrEqual"};
Tensor less_equal(const Tensor& a, const Tensor& b) { return binary(less_equal_op, a, b); }
Tensor greater_equal(const Tensor& a, const Tensor& b) { return less_equal(b, a); }
Tensor not_equal(const Tensor& a, const Tensor& b) { return !equal(a, b); }

Tensor logical_not(const Tensor& x) { return equal(x, constant(0, x.shape(), DType::boolean)); }
Tensor logical_and(const Tensor& a, const Tensor& b) { return where(a, b, constant(0, {}, DType::boolean)); }
Tensor logical_or(const Tensor& a, const Tensor& b) { return where(a, constant(1, {}, DType::boolean), b); }
Tensor logical_xor(const Tensor& a, const Tensor& b) { return where(a, !b, b); }

const Op where_op{.name = "where",
                  .kind = Kind::elementwise,
                  .arity = 3,
                  .infer = where_rule,
                  .glsl = "({0} ? {1} : {2})",
                  .eval = [](Operands x, DType) { return x[0] != 0 ? x[1] : x[2]; },
                  .onnx = "Where",
                  .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                    const Tensor& condition = y.node().inputs[0];
                    return {Tensor(), where(condition, g, 0), where(condition, 0, g)};
                  }};
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  std::vector<Tensor> branches = broadcast_operands("where", {a, b});
  const Shape shape = broadcast_shapes(condition.shape(), branches[0].shape(), "where");
  return apply(where_op, {broadcast_to(condition, shape), broadcast_to(branches[0], shape),
                          broadcast_to(branches[1], shape)});
}

const Op stop_gradient_op{.name = "stop_gradient",
                          .kind = Kind::elementwise,
                          .arity = 1,
                          .infer = any_rule,
                          .glsl = "{0}",
                          .passes_operand_on = true,
                          .eval = [](Operands x, DType) { return x[0]; },
                          .cost = 0,
                          .vjp = [](const Tensor&, const Tensor&) -> Gradients { return {Tensor()}; }};
Tensor stop_gradient(const Tensor& x) { return apply(stop_gradient_op, {x}); }

}  // namespace hekla
