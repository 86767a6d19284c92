// Operations on the bits of integers.
#include "ops/bitwise.h"

#include <fmt/format.h>

#include <cstdint>

#include "graph/error.h"
#include "ops/elementwise.h"

namespace hekla {

namespace {

using Operands = std::span<const double>;

[[noreturn]] void refuse(std::string_view op, const Tensor& x, std::string_view wanted) {
  throw Error(fmt::format("[{}] does not take {}; it takes {} (see hk::cast).", op, describe(x), wanted));
}

bool has_bits(DType dtype) { return dtype == DType::i32 || dtype == DType::u32; }

Meta shift_operands(const Node& node) {
  if (!has_bits(node.inputs[0].dtype())) refuse(node.op->name, node.inputs[0], "i32 or u32");
  return same_as_operands(node);
}

Meta integer_operands(const Node& node) {
  if (!has_bits(node.inputs[0].dtype())) refuse(node.op->name, node.inputs[0], "i32, u32 or bool");
  return same_as_operands(node);
}

std::uint32_t bits_of(double number) { return static_cast<std::uint32_t>(static_cast<std::int64_t>(number)); }

double number_of(std::uint32_t bits, DType dtype) {
  return dtype == DType::i32 ? static_cast<double>(static_cast<std::int32_t>(bits))
                             : static_cast<double>(bits);
}

// GLSL leaves open what a shift by 32 or more gives.
constexpr std::string_view shift_functions = R"(int hk_left_shift(int x, int count) {
  return uint(count) < 32u ? x << (count & 31) : 0;
}
uint hk_left_shift(uint x, uint count) { return count < 32u ? x << (count & 31u) : 0u; }
int hk_right_shift(int x, int count) { return x >> (uint(count) < 32u ? count : 31); }
uint hk_right_shift(uint x, uint count) { return count < 32u ? x >> (count & 31u) : 0u; }
)";

Tensor logical_or_bitwise(const Op& op, Tensor (*logical)(const Tensor&, const Tensor&), const Tensor& a,
                          const Tensor& b) {
  const std::vector<Tensor> operands = broadcast_operands(op.name, {a, b});
  return operands[0].dtype() == DType::boolean ? logical(operands[0], operands[1]) : apply(op, operands);
}

}  // namespace

const Op bitwise_and_op{
    .name = "bitwise_and",
    .kind = Kind::elementwise,
    .arity = 2,
    .infer = integer_operands,
    .glsl = "({0} & {1})",
    .eval = [](Operands x, DType dtype) { return number_of(bits_of(x[0]) & bits_of(x[1]), dtype); },
    .onnx = "BitwiseAnd"};
Tensor bitwise_and(const Tensor& a, const Tensor& b) {
  return logical_or_bitwise(bitwise_and_op, logical_and, a, b);
}

const Op bitwise_or_op{
    .name = "bitwise_or",
    .kind = Kind::elementwise,
    .arity = 2,
    .infer = integer_operands,
    .glsl = "({0} | {1})",
    .identity = 0,
    .commutative = true,
    .eval = [](Operands x, DType dtype) { return number_of(bits_of(x[0]) | bits_of(x[1]), dtype); },
    .onnx = "BitwiseOr"};
Tensor bitwise_or(const Tensor& a, const Tensor& b) {
  return logical_or_bitwise(bitwise_or_op, logical_or, a, b);
}

const Op bitwise_xor_op{
    .name = "bitwise_xor",
    .kind = Kind::elementwise,
    .arity = 2,
    .infer = integer_operands,
    .glsl = "({0} ^ {1})",
    .identity = 0,
    .commutative = true,
    .eval = [](Operands x, DType dtype) { return number_of(bits_of(x[0]) ^ bits_of(x[1]), dtype); },
    .onnx = "BitwiseXor"};
Tensor bitwise_xor(const Tensor& a, const Tensor& b) {
  return logical_or_bitwise(bitwise_xor_op, logical_xor, a, b);
}

Tensor bitwise_not(const Tensor& x) {
  if (x.dtype() == DType::boolean) return logical_not(x);
  if (!has_bits(x.dtype())) refuse("bitwise_not", x, "i32, u32 or bool");
  return reverse_order(x);
}

const Op left_shift_op{.name = "left_shift",
                       .kind = Kind::elementwise,
                       .arity = 2,
                       .infer = shift_operands,
                       .glsl = "hk_left_shift({0}, {1})",
                       .glsl_functions = shift_functions,
                       .identity = 0,
                       .eval = [](Operands x, DType dtype) -> double {
                         if (!(x[1] >= 0 && x[1] < 32)) return 0;
                         return number_of(bits_of(x[0]) << bits_of(x[1]), dtype);
                       },
                       .cost = 2};
Tensor left_shift(const Tensor& x, const Tensor& count) {
  return apply(left_shift_op, broadcast_operands("left_shift", {x, count}));
}

const Op right_shift_op{.name = "right_shift",
                        .kind = Kind::elementwise,
                        .arity = 2,
                        .infer = shift_operands,
                        .glsl = "hk_right_shift({0}, {1})",
                        .glsl_functions = shift_functions,
                        .identity = 0,
                        .eval = [](Operands x, DType) -> double {
                          if (!(x[1] >= 0 && x[1] < 32)) return x[0] < 0 ? -1 : 0;
                          return static_cast<double>(static_cast<std::int64_t>(x[0]) >> bits_of(x[1]));
                        },
                        .cost = 2};
Tensor right_shift(const Tensor& x, const Tensor& count) {
  return apply(right_shift_op, broadcast_operands("right_shift", {x, count}));
}

}  // namespace hekla
