// Integer division, exact remainders and reciprocals.
#include "ops/division.h"

#include <cmath>

#include "ops/elementwise.h"

namespace hekla {

namespace {

using Operands = std::span<const double>;
using Gradients = std::vector<Tensor>;

// Division by 0, and of the most negative number by -1, is undefined: processors return any number or trap.
constexpr std::string_view integer_functions = R"(int hk_divide(int a, int b) {
  int quotient = a / (b == 0 || b == -1 ? 1 : b);
  return b == 0 ? 0 : b == -1 ? -a : quotient;
}
int hk_floor_divide(int a, int b) {
  int quotient = hk_divide(a, b);
  return b != 0 && quotient * b != a && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}
int hk_modulo(int a, int b) { return b == 0 ? 0 : a - hk_floor_divide(a, b) * b; }
int hk_fmod(int a, int b) { return b == 0 ? 0 : a - hk_divide(a, b) * b; }
uint hk_divide(uint a, uint b) { return b == 0u ? 0u : a / max(b, 1u); }
uint hk_floor_divide(uint a, uint b) { return hk_divide(a, b); }
uint hk_modulo(uint a, uint b) { return b == 0u ? 0u : a % max(b, 1u); }
uint hk_fmod(uint a, uint b) { return hk_modulo(a, b); }
)";

// Where the quotient is small, its product with either half of b's digits is exact, and so is each
// difference. Elsewhere the remainder is computed in integers: the mantissas of a and b, and a power of two
// made by repeated squaring. It has no loops, since some drivers limit the loop iterations of an invocation.
constexpr std::string_view float_functions = R"(int hk_times_modulo(int x, int y, int m, float inverse) {
  // What overflows is the same in both products: the difference is a few m, and then between -1 and m.
  int rest = x * y - int(float(x) * float(y) * inverse) * m;
  return rest - int(floor(float(rest) * inverse)) * m;
}
int hk_digits(uint bits) { return int(bits >> 23 == 0u ? bits : bits & 0x7fffffu | 0x800000u); }
float hk_long_remainder(uint a, uint b) {
  int m = hk_digits(b);
  float inverse = 1.0 / float(m);
  uint exponent = max(b >> 23, 1u);
  uint doublings = max(a >> 23, 1u) - exponent;
  int power = 1 << int(doublings >> 4);
  power = hk_times_modulo(power, power, m, inverse);
  power = hk_times_modulo(power, power, m, inverse);
  power = hk_times_modulo(power, power, m, inverse);
  power = hk_times_modulo(power, power, m, inverse);
  power = hk_times_modulo(power, 1 << int(doublings & 15u), m, inverse);
  int rest = hk_times_modulo(power, hk_digits(a), m, inverse);
  rest += rest < 0 ? m : 0;
  rest -= rest >= m ? m : 0;
  uint bits = floatBitsToUint(float(rest));
  uint normal = bits + (exponent << 23) - (150u << 23);
  return uintBitsToFloat(rest == 0 ? 0u : (bits >> 23) + exponent > 150u ? normal : uint(rest) << (exponent - 1u));
}
float hk_remainder(float a, float b) {
  float whole = roundEven(a / b);
  float high = uintBitsToFloat(floatBitsToUint(b) & 0xfffff000u);
  precise float rest = (a - whole * high) - whole * (b - high);
  if (!(abs(whole) <= 2048.0 && abs(a) < 1e38 && abs(b) > 1e-30 && abs(b) < 1e38)) {
    uint size_a = floatBitsToUint(a) & 0x7fffffffu;
    uint size_b = floatBitsToUint(b) & 0x7fffffffu;
    rest = a;
    if (size_a >= size_b && b != 0.0) rest = hk_long_remainder(size_a, size_b) * (a < 0.0 ? -1.0 : 1.0);
    if (size_a >= 0x7f800000u || size_b > 0x7f800000u || b == 0.0) rest = uintBitsToFloat(0x7fc00000u);
  }
  return rest;
}
float hk_modulo(float a, float b) {
  float rest = hk_remainder(a, b);
  return rest == 0.0 ? (b < 0.0 ? -0.0 : 0.0) : (rest < 0.0) != (b < 0.0) ? rest + b : rest;
}
float hk_fmod(float a, float b) {
  float rest = hk_remainder(a, b);
  float size = abs(b);
  rest = rest != 0.0 && (rest < 0.0) != (a < 0.0) ? rest + (a < 0.0 ? -size : size) : rest;
  return rest == 0.0 ? uintBitsToFloat(floatBitsToUint(a) & 0x80000000u) : rest;
}
float hk_floor_divide(float a, float b) {
  float rest = hk_modulo(a, b);
  return b == 0.0 ? a / b : roundEven(a / b - (rest == b ? 1.0 : rest / b));
}
)";

double floored_remainder(double a, double b) {
  const double rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(0.0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

double floored_quotient(double a, double b) {
  if (b == 0) return a / b;
  const double rest = floored_remainder(a, b);
  return std::nearbyint(a / b - (rest == b ? 1 : rest / b));
}

const Op& choose(const Op& floats, const Op& integers, const std::vector<Tensor>& operands) {
  return is_float(operands[0].dtype()) ? floats : integers;
}

}  // namespace

Tensor reciprocal(const Tensor& x) { return apply(divide_op, broadcast_operands("reciprocal", {1, x})); }

const Op divide_integers_op{.name = "divide",
                            .kind = Kind::elementwise,
                            .arity = 2,
                            .infer = number_operands,
                            .glsl = "hk_divide({0}, {1})",
                            .glsl_functions = integer_functions,
                            .identity = 1,
                            .eval = [](Operands x, DType) { return x[1] == 0 ? 0 : std::trunc(x[0] / x[1]); },
                            .cost = 4,
                            .onnx = "Div"};

const Op modulo_integers_op{
    .name = "modulo",
    .kind = Kind::elementwise,
    .arity = 2,
    .infer = number_operands,
    .glsl = "hk_modulo({0}, {1})",
    .glsl_functions = integer_functions,
    .eval = [](Operands x, DType) { return x[1] == 0 ? 0 : floored_remainder(x[0], x[1]); },
    .cost = 6,
    .onnx = "Mod"};

const Op floor_divide_integers_op{
    .name = "floor_divide",
    .kind = Kind::elementwise,
    .arity = 2,
    .infer = number_operands,
    .glsl = "hk_floor_divide({0}, {1})",
    .glsl_functions = integer_functions,
    .identity = 1,
    .eval = [](Operands x, DType) { return x[1] == 0 ? 0 : std::floor(x[0] / x[1]); },
    .cost = 6};

const Op modulo_op{.name = "modulo",
                   .kind = Kind::elementwise,
                   .arity = 2,
                   .infer = number_operands,
                   .glsl = "hk_modulo({0}, {1})",
                   .glsl_functions = float_functions,
                   .eval = [](Operands x, DType) { return floored_remainder(x[0], x[1]); },
                   .cost = 60,
                   .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                     const auto& x = y.node().inputs;
                     return {g, -(g * floor_divide(x[0], x[1]))};
                   }};
Tensor modulo(const Tensor& a, const Tensor& b) {
  const std::vector<Tensor> operands = broadcast_operands("modulo", {a, b});
  return apply(choose(modulo_op, modulo_integers_op, operands), operands);
}

Tensor remainder(const Tensor& a, const Tensor& b) { return modulo(a, b); }

const Op fmod_integers_op{.name = "fmod",
                          .kind = Kind::elementwise,
                          .arity = 2,
                          .infer = number_operands,
                          .glsl = "hk_fmod({0}, {1})",
                          .glsl_functions = integer_functions,
                          .eval = [](Operands x, DType) { return x[1] == 0 ? 0 : std::fmod(x[0], x[1]); },
                          .cost = 6};

const Op fmod_op{.name = "fmod",
                 .kind = Kind::elementwise,
                 .arity = 2,
                 .infer = number_operands,
                 .glsl = "hk_fmod({0}, {1})",
                 .glsl_functions = float_functions,
                 .eval = [](Operands x, DType) { return std::fmod(x[0], x[1]); },
                 .cost = 60,
                 .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                   const auto& x = y.node().inputs;
                   // Without the remainder the quotient is whole, but for rounding.
                   return {g, -(g * round((x[0] - y) / x[1]))};
                 }};
Tensor fmod(const Tensor& a, const Tensor& b) {
  const std::vector<Tensor> operands = broadcast_operands("fmod", {a, b});
  return apply(choose(fmod_op, fmod_integers_op, operands), operands);
}

// A step function: empty gradients mean that no gradient flows.
const Op floor_divide_op{.name = "floor_divide",
                         .kind = Kind::elementwise,
                         .arity = 2,
                         .infer = number_operands,
                         .glsl = "hk_floor_divide({0}, {1})",
                         .glsl_functions = float_functions,
                         .eval = [](Operands x, DType) { return floored_quotient(x[0], x[1]); },
                         .cost = 68,
                         .vjp = [](const Tensor&, const Tensor&) -> Gradients {
                           return {Tensor(), Tensor()};
                         }};
Tensor floor_divide(const Tensor& a, const Tensor& b) {
  const std::vector<Tensor> operands = broadcast_operands("floor_divide", {a, b});
  return apply(choose(floor_divide_op, floor_divide_integers_op, operands), operands);
}

}  // namespace hekla
