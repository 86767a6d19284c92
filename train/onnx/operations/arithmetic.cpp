// Arithmetic and functions of one number, casts.
#include <fmt/format.h>

#include "ops/bitwise.h"
#include "ops/cast.h"
#include "ops/create.h"
#include "ops/division.h"
#include "ops/elementwise.h"
#include "ops/error_function.h"
#include "ops/exponential.h"
#include "ops/logarithm.h"
#include "ops/rounding.h"
#include "ops/trigonometry.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

template <auto function>
Results binary(const Call& call) {
  return {like(call.operand(0), elementwise(call[0], second_operand(call), function))};
}

Tensor quotient(const Tensor& a, const Tensor& b) { return a / b; }

// Of any number of operands.
template <auto function>
Results variadic(const Call& call) {
  Tensor result = call[0];
  for (std::size_t i = 1; i < call.input_count(); ++i) result = elementwise(result, call[i], function);
  return {like(call.operand(0), result)};
}

Results mean(const Call& call) {
  const Tensor total = variadic<hekla::add>(call)[0].tensor;
  return {like(call.operand(0), total / static_cast<int>(call.input_count()))};
}

Results power(const Call& call) {
  const Tensor& x = call[0];
  const Tensor result = pow(cast(x, DType::f32), cast(second_operand(call), DType::f32));
  return {like(call.operand(0), x.dtype() == DType::f32 ? result : cast(round(result), x.dtype()))};
}

Results mod(const Call& call) {
  return {like(call.operand(0), call.flag("fmod") ? fmod(call[0], call[1]) : modulo(call[0], call[1]))};
}

Results bit_shift(const Call& call) {
  const std::string direction = call.text("direction", "");
  if (direction != "LEFT" && direction != "RIGHT")
    call.fail(fmt::format("the direction is {}; LEFT or RIGHT is needed.", files::in_quotes(direction)));
  return {like(call.operand(0),
               direction == "LEFT" ? left_shift(call[0], call[1]) : right_shift(call[0], call[1]))};
}

Results cast_to(const Call& call) {
  const auto type = static_cast<ElementType>(call.integer("to"));
  if (!stored_type(type)) call.fail(fmt::format("a cast to {} is not supported.", name(type)));
  return {Operand(rounded(call[0], type), type)};
}

Results cast_like(const Call& call) {
  const ElementType type = call.operand(1).type;
  return {Operand(rounded(call[0], type), type)};
}

Results identity(const Call& call) { return {call.operand(0)}; }

}  // namespace

std::vector<Conversion> arithmetic() {
  return {
      {"Abs", unary<hekla::abs>},
      {"Acos", unary<hekla::acos>},
      {"Acosh", unary<hekla::acosh>},
      {"Add", binary<hekla::add>, {"axis", "broadcast"}},
      {"Asin", unary<hekla::asin>},
      {"Asinh", unary<hekla::asinh>},
      {"Atan", unary<hekla::atan>},
      {"Atanh", unary<hekla::atanh>},
      {"BitShift", bit_shift, {"direction"}},
      {"BitwiseAnd", binary<hekla::bitwise_and>},
      {"BitwiseNot", unary<hekla::bitwise_not>},
      {"BitwiseOr", binary<hekla::bitwise_or>},
      {"BitwiseXor", binary<hekla::bitwise_xor>},
      {"Cast", cast_to, {"to", "saturate", "round_mode"}},
      {"CastLike", cast_like, {"saturate", "round_mode"}},
      {"Ceil", unary<hekla::ceil>},
      {"Cos", unary<hekla::cos>},
      {"Cosh", unary<hekla::cosh>},
      {"Div", binary<quotient>, {"axis", "broadcast"}},
      {"Erf", unary<hekla::erf>},
      {"Exp", unary<hekla::exp>},
      {"Floor", unary<hekla::floor>},
      {"Identity", identity},
      {"Log", unary<hekla::log>},
      {"Max", variadic<hekla::maximum>},
      {"Mean", mean},
      {"Min", variadic<hekla::minimum>},
      {"Mod", mod, {"fmod"}},
      {"Mul", binary<hekla::multiply>, {"axis", "broadcast"}},
      {"Neg", unary<hekla::negate>},
      {"Pow", power, {"axis", "broadcast"}},
      {"Reciprocal", unary<hekla::reciprocal>},
      {"Round", unary<hekla::round>},
      {"Sign", unary<hekla::sign>},
      {"Sin", unary<hekla::sin>},
      {"Sinh", unary<hekla::sinh>},
      {"Sqrt", unary<hekla::sqrt>},
      {"Sub", binary<hekla::subtract>, {"axis", "broadcast"}},
      {"Sum", variadic<hekla::add>},
      {"Tan", unary<hekla::tan>},
  };
}

}  // namespace hekla::onnx
