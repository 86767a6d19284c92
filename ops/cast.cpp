// Casts: a descriptor for each kind of conversion between dtypes.
#include "ops/cast.h"

#include "graph/host_array.h"
#include "ops/create.h"

namespace hekla {

namespace {

using Operands = std::span<const double>;
using Gradients = std::vector<Tensor>;

Meta cast_rule(const Node& node) {
  return {node.inputs[0].shape(), static_cast<DType>(node.attributes.integers[0])};
}

Gradients cast_gradient(const Tensor& y, const Tensor& g) {
  return {cast(g, gradient_dtype(y.node().inputs[0].dtype()))};
}

}  // namespace

const Op cast_op{.name = "cast",
                 .kind = Kind::elementwise,
                 .arity = 1,
                 .infer = cast_rule,
                 .glsl = "{T}({0})",
                 .eval = [](Operands x, DType) { return x[0]; },
                 .vjp = cast_gradient};

// Integers to f32, which rounds beyond 2^24. A cast of its own, so that a device that computes in double
// rounds, too.
const Op to_f32_op{.name = "cast",
                   .kind = Kind::elementwise,
                   .arity = 1,
                   .infer = cast_rule,
                   .glsl = "{T}({0})",
                   .eval = [](Operands x, DType) -> double { return static_cast<float>(x[0]); },
                   .vjp = cast_gradient};

// Floats to integers: a GLSL conversion is undefined out of range. Comparisons with NaN are false.
const Op to_i32_op{.name = "cast",
                   .kind = Kind::elementwise,
                   .arity = 1,
                   .infer = cast_rule,
                   .glsl = "hk_to_i32({0})",
                   .glsl_functions = R"(int hk_to_i32(float x) {
  return abs(x) < 2147483648.0 ? int(x) : x > 0.0 ? 2147483647 : x < 0.0 ? -2147483647 - 1 : 0;
}
)",
                   .eval = [](Operands x, DType) -> double { return number_as<std::int32_t>(x[0]); },
                   .cost = 4,
                   .vjp = cast_gradient};
const Op to_u32_op{.name = "cast",
                   .kind = Kind::elementwise,
                   .arity = 1,
                   .infer = cast_rule,
                   .glsl = "hk_to_u32({0})",
                   .glsl_functions = R"(uint hk_to_u32(float x) {
  return x > 0.0 ? (x < 4294967296.0 ? uint(x) : 4294967295u) : 0u;
}
)",
                   .eval = [](Operands x, DType) -> double { return number_as<std::uint32_t>(x[0]); },
                   .cost = 3,
                   .vjp = cast_gradient};
const Op to_u8_op{.name = "cast",
                  .kind = Kind::elementwise,
                  .arity = 1,
                  .infer = cast_rule,
                  .glsl = "({0} > 0.0 ? uint(min({0}, 255.0)) : 0u)",
                  .eval = [](Operands x, DType) -> double { return number_as<std::uint8_t>(x[0]); },
                  .cost = 3};
// Integers to u8, which a shader holds in a 32-bit word.
const Op narrow_op{.name = "cast",
                   .kind = Kind::elementwise,
                   .arity = 1,
                   .infer = cast_rule,
                   .glsl = "(uint(int({0})) & 255u)",
                   .eval = [](Operands x, DType) { return x[0]; }};
// To f16 and bf16, which a shader computes with as floats. Rounds to nearest with integer arithmetic, since
// the rounding mode of packHalf2x16 is implementation-defined.
const Op to_f16_op{.name = "cast",
                   .kind = Kind::elementwise,
                   .arity = 1,
                   .infer = cast_rule,
                   .glsl = "hk_to_f16(float({0}))",
                   .glsl_functions = R"(float hk_to_f16(float x) {
  uint bits = floatBitsToUint(x);
  uint size = bits & 0x7fffffffu;
  uint result = size + 0xfffu + (size >> 13 & 1u) & 0xffffe000u;
  if (size < 0x38800000u) result = floatBitsToUint(roundEven(uintBitsToFloat(size) * 16777216.0) / 16777216.0);
  if (size >= 0x477ff000u) result = 0x7f800000u;
  if (size > 0x7f800000u) result = 0x7fc00000u;
  return uintBitsToFloat(result | bits & 0x80000000u);
}
)",
                   .eval = [](Operands x, DType) { return x[0]; },
                   .cost = 8,
                   .vjp = cast_gradient};
const Op to_bf16_op{.name = "cast",
                    .kind = Kind::elementwise,
                    .arity = 1,
                    .infer = cast_rule,
                    .glsl = "hk_to_bf16(float({0}))",
                    .glsl_functions = R"(float hk_to_bf16(float x) {
  uint bits = floatBitsToUint(x);
  uint result = bits + 0x7fffu + (bits >> 16 & 1u);
  if ((bits & 0x7fffffffu) > 0x7f800000u) result = bits | 0x400000u;
  return uintBitsToFloat(result & 0xffff0000u);
}
)",
                    .eval = [](Operands x, DType) { return x[0]; },
                    .cost = 4,
                    .vjp = cast_gradient};

namespace {

const Op& op_of(DType from, DType to) {
  if (to == DType::f16) return to_f16_op;
  if (to == DType::bf16) return to_bf16_op;
  if (to == DType::f32 && !is_float(from)) return to_f32_op;
  if (to == DType::i32 && is_float(from)) return to_i32_op;
  if (to == DType::u32 && is_float(from)) return to_u32_op;
  if (to == DType::u8) return is_float(from) ? to_u8_op : narrow_op;
  return cast_op;
}

}  // namespace

Tensor cast(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x;
  const Op& op = op_of(x.dtype(), dtype);
  if (is_literal(x)) return constant(op.eval({&x.node().attributes.number, 1}, dtype), {}, dtype);
  return apply(op, {x}, {.integers = {static_cast<std::int64_t>(dtype)}});
}

}  // namespace hekla
