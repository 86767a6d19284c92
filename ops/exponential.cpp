// Powers, exponentials and logarithms. The primitives here are primitives because their composites lose
// digits near 0 or become inf - inf where the value or gradient is finite.
#include "ops/exponential.h"

#include <cmath>

#include "ops/cancel.h"
#include "ops/create.h"
#include "ops/elementwise.h"

namespace hekla {

namespace {

using Operands = std::span<const double>;
using Gradients = std::vector<Tensor>;

}  // namespace

const Op sqrt_op{.name = "sqrt",
                 .kind = Kind::elementwise,
                 .arity = 1,
                 .infer = float_operands,
                 .glsl = "sqrt({0})",
                 .eval = [](Operands x, DType) { return std::sqrt(x[0]); },
                 .cost = 4,
                 .onnx = "Sqrt",
                 .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                   const Tensor rest = without_factor(g, y);
                   return {rest.defined() ? rest * 0.5 : g / (2 * y)};
                 }};
Tensor sqrt(const Tensor& x) { return apply(sqrt_op, {x}); }
Tensor rsqrt(const Tensor& x) { return 1 / sqrt(x); }
Tensor square(const Tensor& x) { return x * x; }

const Op exp_op{.name = "exp",
                .kind = Kind::elementwise,
                .arity = 1,
                .infer = float_operands,
                .glsl = "exp({0})",
                .eval = [](Operands x, DType) { return std::exp(x[0]); },
                .cost = 12,
                .onnx = "Exp",
                .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g * y}; }};
Tensor exp(const Tensor& x) { return apply(exp_op, {x}); }

const Op expm1_op{
    .name = "expm1",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = float_operands,
    .glsl = "hk_expm1({0})",
    .glsl_functions = R"(float hk_expm1(float x) {
  float series = x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 *
      (1.0 + x / 7.0 * (1.0 + x / 8.0)))))));
  return abs(x) < 0.5 ? series : exp(x) - 1.0;
}
)",
    .eval = [](Operands x, DType) { return std::expm1(x[0]); },
    .cost = 28,
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g * exp(y.node().inputs[0])}; }};
Tensor expm1(const Tensor& x) { return apply(expm1_op, {x}); }

// Vulkan specifies only an absolute error for the logarithm near 1, where the value itself is near 0. Hence
// the series of log x = 2 artanh((x - 1) / (x + 1)).
const Op log_op{
    .name = "log",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = float_operands,
    .glsl = "hk_log({0})",
    .glsl_functions = R"(float hk_log(float x) {
  float s = (x - 1.0) / (x + 1.0);
  float s2 = s * s;
  float series = 2.0 * s * (1.0 + s2 * (1.0 / 3.0 + s2 * (1.0 / 5.0 + s2 * (1.0 / 7.0 + s2 / 9.0))));
  return x > 0.7 && x < 1.4 ? series : log(x);
}
)",
    .eval = [](Operands x, DType) { return std::log(x[0]); },
    .cost = 20,
    .onnx = "Log",
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g / y.node().inputs[0]}; }};
Tensor log(const Tensor& x) { return apply(log_op, {x}); }

// log(1 + x) = 2 artanh(x / (2 + x)), whose series converges fast where 1 + x would lose the digits of x.
const Op log1p_op{
    .name = "log1p",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = float_operands,
    .glsl = "hk_log1p({0})",
    .glsl_functions = R"(float hk_log1p(float x) {
  float s = x / (2.0 + x);
  float s2 = s * s;
  float series = 2.0 * s * (1.0 + s2 * (1.0 / 3.0 + s2 * (1.0 / 5.0 + s2 * (1.0 / 7.0 + s2 * (1.0 / 9.0 +
      s2 * (1.0 / 11.0 + s2 / 13.0))))));
  return x > -0.5 && x < 1.0 ? series : log(1.0 + x);
}
)",
    .eval = [](Operands x, DType) { return std::log1p(x[0]); },
    .cost = 32,
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g / (1 + y.node().inputs[0])}; }};
Tensor log1p(const Tensor& x) { return apply(log1p_op, {x}); }

// A primitive because e^(y log x) is undefined for x <= 0, where powers are defined.
const Op pow_op{.name = "pow",
                .kind = Kind::elementwise,
                .arity = 2,
                .infer = float_operands,
                .glsl = "hk_pow({0}, {1})",
                .glsl_functions = R"(float hk_pow(float x, float y) {
  uint bits = floatBitsToUint(x);
  float size = abs(x);
  float power = y == 1.0 ? size : y == 2.0 ? size * size : y == 0.5 ? sqrt(size) : exp2(y * log2(size));
  power = y == -0.5 ? 1.0 / sqrt(size) : y == -1.0 ? 1.0 / size : power;
  // At these borders exp2 and log2 are what a driver makes of them.
  if (size == 0.0 || (bits & 0x7fffffffu) == 0x7f800000u || (floatBitsToUint(y) & 0x7fffffffu) == 0x7f800000u)
    power = size == 1.0 ? 1.0 : uintBitsToFloat((size > 1.0) == (y > 0.0) ? 0x7f800000u : 0u);
  bool negative = bits >> 31 != 0u;
  bool whole = floor(y) == y;
  bool odd = whole && floor(y * 0.5) * 2.0 != y;
  bool outside = negative && !whole && size != 0.0 && bits != 0xff800000u;
  bool unknown = (bits & 0x7fffffffu) > 0x7f800000u || (floatBitsToUint(y) & 0x7fffffffu) > 0x7f800000u;
  return y == 0.0 || x == 1.0 ? 1.0 : outside || unknown ? uintBitsToFloat(0x7fc00000u) : negative && odd ? -power : power;
}
)",
                .identity = 1,
                .eval = [](Operands x, DType) { return std::pow(x[0], x[1]); },
                .cost = 40,
                .onnx = "Pow",
                .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                  const Tensor& x = y.node().inputs[0];
                  const Tensor& exponent = y.node().inputs[1];
                  const Tensor at_zero = equal(x, 0);
                  // Replaces operands where the gradient is known: 0 * 0^-1 and 0^y * log 0 would be 0 * inf.
                  const Tensor less_one = where(at_zero && equal(exponent, 0), 0, exponent - 1);
                  const Tensor flat = at_zero && exponent >= 0;
                  const Tensor logarithm = log(where(flat, 1, x));
                  return {g * exponent * pow(x, less_one), g * where(flat, 0, y * logarithm)};
                }};

namespace {

Tensor whole_power(const Tensor& x, double power) {
  Tensor result;
  Tensor factor = x;
  for (auto bits = static_cast<unsigned>(std::fabs(power)); bits != 0; bits >>= 1) {
    if (bits & 1) result = result.defined() ? result * factor : factor;
    if (bits > 1) factor = factor * factor;
  }
  return power < 0 ? 1 / result : result;
}

}  // namespace

Tensor pow(const Tensor& x, const Tensor& exponent) {
  if (is_literal(exponent)) {
    const double power = exponent.node().attributes.number;
    if (power == 0) return ones_like(x);
    if (power == std::floor(power) && std::fabs(power) <= 1024) return whole_power(x, power);
  }
  return apply(pow_op, broadcast_operands("pow", {x, exponent}));
}

// Primitives, since the difference of two powers loses the digits of a small x, in values and in gradients,
// and e^x is infinite before its half is. The half is computed as a power of two, in two factors, times e to
// an exponent below ln 2 / 2, which drivers compute accurately.
constexpr std::string_view hyperbolic_functions = R"(float hk_half_exp(float size) {
  float within = size > 90.0 ? 90.0 : size;
  float doublings = floor(within * 1.44269504 + 0.5);
  precise float rest = (within - doublings * 0.693359375) + doublings * 2.12194440e-4;
  // A NaN has no integer: a driver that knows it may leave the whole result undefined.
  int whole = int(size != size ? 0.0 : doublings);
  return exp(rest) * 2.0 * uintBitsToFloat(uint(whole + 125) << 23);
}
float hk_sinh(float x) {
  float x2 = x * x;
  float series = x + x * x2 / 6.0 * (1.0 + x2 / 20.0 * (1.0 + x2 / 42.0 * (1.0 + x2 / 72.0 * (1.0 + x2 / 110.0))));
  float half_power = hk_half_exp(abs(x));
  float y = half_power - 0.25 / half_power;
  return abs(x) < 1.0 ? series : x < 0.0 ? -y : y;
}
float hk_cosh(float x) {
  float half_power = hk_half_exp(abs(x));
  return half_power + 0.25 / half_power;
}
)";
const Op sinh_op{
    .name = "sinh",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = float_operands,
    .glsl = "hk_sinh({0})",
    .glsl_functions = hyperbolic_functions,
    .eval = [](Operands x, DType) { return std::sinh(x[0]); },
    .cost = 40,
    .onnx = "Sinh",
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g * cosh(y.node().inputs[0])}; }};
Tensor sinh(const Tensor& x) { return apply(sinh_op, {x}); }

const Op cosh_op{
    .name = "cosh",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = float_operands,
    .glsl = "hk_cosh({0})",
    .glsl_functions = hyperbolic_functions,
    .eval = [](Operands x, DType) { return std::cosh(x[0]); },
    .cost = 28,
    .onnx = "Cosh",
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g * sinh(y.node().inputs[0])}; }};
Tensor cosh(const Tensor& x) { return apply(cosh_op, {x}); }

// GLSL's tanh may overflow to NaN for large arguments, and (1 - e) / (1 + e) cancels for small ones: hence
// the series.
const Op tanh_op{.name = "tanh",
                 .kind = Kind::elementwise,
                 .arity = 1,
                 .infer = float_operands,
                 .glsl = "hk_tanh({0})",
                 .glsl_functions = R"(float hk_tanh(float x) {
  float e = exp(-2.0 * abs(x));
  float x2 = x * x;
  float series = x * (1.0 + x2 * (-1.0 / 3.0 + x2 * (2.0 / 15.0 + x2 * (-17.0 / 315.0 + x2 * (62.0 / 2835.0)))));
  return abs(x) < 0.25 ? series : sign(x) * (1.0 - e) / (1.0 + e);
}
)",
                 .eval = [](Operands x, DType) { return std::tanh(x[0]); },
                 .cost = 24,
                 .onnx = "Tanh",
                 .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g * (1 - y * y)}; }};
Tensor tanh(const Tensor& x) { return apply(tanh_op, {x}); }

// A primitive because its gradient from the value alone, y (1 - y), stays finite where e^-x overflows.
const Op sigmoid_op{.name = "sigmoid",
                    .kind = Kind::elementwise,
                    .arity = 1,
                    .infer = float_operands,
                    .glsl = "(1.0 / (1.0 + exp(-{0})))",
                    .eval = [](Operands x, DType) { return 1 / (1 + std::exp(-x[0])); },
                    .cost = 17,
                    .onnx = "Sigmoid",
                    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g * (y * (1 - y))}; }};
Tensor sigmoid(const Tensor& x) { return apply(sigmoid_op, {x}); }

// A primitive because the composite max(x, 0) + log1p(e^-|x|) has kinks at 0 that its derivatives must not
// have.
const Op softplus_op{
    .name = "softplus",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = float_operands,
    .glsl = "hk_softplus({0})",
    .glsl_functions = R"(float hk_softplus(float x) {
  float e = exp(-abs(x));
  float s = e / (2.0 + e);
  float s2 = s * s;
  return max(x, 0.0) + 2.0 * s * (1.0 + s2 * (1.0 / 3.0 + s2 * (1.0 / 5.0 + s2 * (1.0 / 7.0 + s2 * (1.0 / 9.0 +
      s2 * (1.0 / 11.0 + s2 / 13.0))))));
}
)",
    .eval = [](Operands x, DType) { return std::max(x[0], 0.0) + std::log1p(std::exp(-std::fabs(x[0]))); },
    .cost = 36,
    .onnx = "Softplus",
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g * sigmoid(y.node().inputs[0])}; }};
Tensor softplus(const Tensor& x) { return apply(softplus_op, {x}); }

}  // namespace hekla
