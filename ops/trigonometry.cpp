// Sine, cosine and arctangent are primitives computed by their own arithmetic: Vulkan allows a driver's sine
// an absolute error of 2^-11, only within [-pi, pi], and its arctangent 4096 ulp.
#include "ops/trigonometry.h"

#include <cmath>
#include <numbers>

#include "ops/elementwise.h"

namespace hekla {

namespace {

using Operands = std::span<const double>;
using Gradients = std::vector<Tensor>;

// Range reduction, then Taylor's series within pi/4. The nearest multiple of pi/2 is subtracted in parts; the
// first parts have few digits, so that products with them are exact (Cody, Waite: Software Manual for the
// Elementary Functions, 1980). For large x, the 24-bit mantissa is multiplied by 96 bits of 2/pi at the
// position that the exponent selects. Earlier bits contribute whole turns, later ones nothing that matters
// (Payne, Hanek: Radian Reduction for Trigonometric Functions, 1983).
constexpr std::string_view sine_function = R"(float hk_reduce(float size, out int quarters) {
  uint bits = floatBitsToUint(size);
  uint first = (bits >> 23) - 120u;
  uint m = bits & 0x7fffffu | 0x800000u;
  bool far = first >= 128u, two = (first & 64u) != 0u, one = (first & 32u) != 0u;
  uint a = far ? 0xF534DDC0u : two ? 0x4E441529u : 0u;
  uint b = far ? 0xDB629599u : two ? 0xFC2757D1u : 0xA2F9836Eu;
  uint c = far ? 0x3C439041u : two ? 0xF534DDC0u : 0x4E441529u;
  uint d = far ? 0xFE5163ABu : two ? 0xDB629599u : 0xFC2757D1u;
  uint e = two ? 0x3C439041u : 0xF534DDC0u;
  if (one) {
    a = b;
    b = c;
    c = d;
    d = e;
  }
  uint left = first & 31u;
  uint high = a << left | b >> 1 >> 31u - left;
  uint middle = b << left | c >> 1 >> 31u - left;
  uint low = c << left | d >> 1 >> 31u - left;
  uint carried, lowest, upper, lower;
  umulExtended(m, low, carried, lowest);
  umulExtended(m, middle, upper, lower);
  lower += carried;
  upper += m * high + (lower < carried ? 1u : 0u);
  // Two bits of whole quarters, then their fraction, of which the nearest quarter is taken off.
  quarters = int(upper + 0x20000000u >> 30);
  bool below = (upper & 0x20000000u) != 0u;
  upper = (below ? ~upper : upper) & 0x3fffffffu;
  lower = below ? ~lower : lower;
  // Times pi/2.
  uint ignored;
  umulExtended(lower, 0xC90FDAA2u, carried, ignored);
  umulExtended(upper, 0xC90FDAA2u, upper, lower);
  lower += carried;
  upper += lower < carried ? 1u : 0u;
  float least = float(int(upper & 63u)) * 1.862645149230957e-9 + float(int(lower >> 1)) * 8.673617379884035e-19;
  float rest = float(int(upper & 0xffffffc0u)) * 1.862645149230957e-9 + least;
  return below ? -rest : rest;
}
float hk_sine(float x, int quarters) {
  float turns = floor(x * 0.636619772 + 0.5);
  precise float rest = (((x - turns * 1.5703125) - turns * 4.837512969970703e-4) - turns * 7.549533620476723e-8) -
      turns * 2.5633440682570896e-12;
  int quadrant = int(turns);
  if (abs(x) > 1000.0) {
    rest = hk_reduce(abs(x), quadrant);
    rest = x < 0.0 ? -rest : rest;
    quadrant = x < 0.0 ? -quadrant : quadrant;
  }
  rest = (floatBitsToUint(x) & 0x7f800000u) == 0x7f800000u ? uintBitsToFloat(0x7fc00000u) : rest;
  quadrant += quarters;
  float r2 = rest * rest;
  float s = rest + rest * r2 * (-1.0 / 6.0 + r2 * (1.0 / 120.0 + r2 * (-1.0 / 5040.0 + r2 * (1.0 / 362880.0))));
  s = rest == 0.0 ? rest : s;
  float c = 1.0 + r2 * (-0.5 + r2 * (1.0 / 24.0 + r2 * (-1.0 / 720.0 + r2 * (1.0 / 40320.0))));
  float y = (quadrant & 1) == 0 ? s : c;
  return (quadrant & 2) == 0 ? y : -y;
}
)";

// asin and acos are primitives, since composites compute their gradients at -1 and 1 as inf * 0. Within [-1,
// 1] the polynomial of Abramowitz and Stegun, 4.4.49. (1 - x) (1 + x) keeps the digits near 1 that 1 - x^2
// loses.
constexpr std::string_view arc_functions = R"(float hk_atan(float x) {
  float t = abs(x) > 1.0 ? 1.0 / abs(x) : abs(x);
  float t2 = t * t;
  float p = -0.0752896400 + t2 * (0.0429096138 + t2 * (-0.0161657367 + t2 * 0.0028662257));
  p = 1.0 + t2 * (-0.3333314528 + t2 * (0.1999355085 + t2 * (-0.1420889944 + t2 * (0.1065626393 + t2 * p))));
  float y = abs(x) > 1.0 ? 1.57079633 - t * p : t * p;
  return x < 0.0 ? -y : x == 0.0 ? x : y;
}
float hk_asin(float x) { return hk_atan(x / sqrt((1.0 - x) * (1.0 + x))); }
float hk_acos(float x) { return 2.0 * hk_atan(sqrt((1.0 - x) / (1.0 + x))); }
float hk_atan2(float y, float x) {
  float a = abs(x);
  float b = abs(y);
  float longer = b > a ? b : a;
  float shorter = b > a ? a : b;
  // A driver's quotient may be 0 where the reciprocal of the divisor is too small for a normal number.
  float scale = longer > 1e30 ? 5.421010862427522e-20 : longer < 1e-18 ? 1.8446744073709552e19 : 1.0;
  float t = longer == 0.0 ? 0.0 : shorter == longer ? 1.0 : (shorter * scale) / (longer * scale);
  float angle = hk_atan(t);
  angle = b > a ? 1.57079633 - angle : angle;
  angle = floatBitsToUint(x) >> 31 != 0u ? 3.14159265 - angle : angle;
  angle = uintBitsToFloat(floatBitsToUint(angle) | floatBitsToUint(y) & 0x80000000u);
  return x != x || y != y ? uintBitsToFloat(0x7fc00000u) : angle;
}
)";

// Powers of two scale exactly.
constexpr std::string_view length_function = R"(float hk_hypot(float x, float y) {
  float size = abs(y) > abs(x) ? abs(y) : abs(x);
  float down = size > 1e18 ? 1.262177448353619e-29 : size < 1e-18 ? 7.922816251426434e28 : 1.0;
  float up = size > 1e18 ? 7.922816251426434e28 : size < 1e-18 ? 1.262177448353619e-29 : 1.0;
  float a = x * down;
  float b = y * down;
  float infinite = uintBitsToFloat(0x7f800000u);
  return abs(x) == infinite || abs(y) == infinite ? infinite : sqrt(a * a + b * b) * up;
}
)";

Tensor over_cosine(const Tensor& g, const Tensor& x) { return g / sqrt((1 - x) * (1 + x)); }

}  // namespace

const Op sin_op{
    .name = "sin",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = float_operands,
    .glsl = "hk_sine({0}, 0)",
    .glsl_functions = sine_function,
    .eval = [](Operands x, DType) { return std::sin(x[0]); },
    .cost = 30,
    .onnx = "Sin",
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g * cos(y.node().inputs[0])}; }};
Tensor sin(const Tensor& x) { return apply(sin_op, {x}); }

const Op cos_op{
    .name = "cos",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = float_operands,
    .glsl = "hk_sine({0}, 1)",
    .glsl_functions = sine_function,
    .eval = [](Operands x, DType) { return std::cos(x[0]); },
    .cost = 30,
    .onnx = "Cos",
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {-(g * sin(y.node().inputs[0]))}; }};
Tensor cos(const Tensor& x) { return apply(cos_op, {x}); }

Tensor tan(const Tensor& x) { return sin(x) / cos(x); }

const Op atan_op{.name = "atan",
                 .kind = Kind::elementwise,
                 .arity = 1,
                 .infer = float_operands,
                 .glsl = "hk_atan({0})",
                 .glsl_functions = arc_functions,
                 .eval = [](Operands x, DType) { return std::atan(x[0]); },
                 .cost = 24,
                 .onnx = "Atan",
                 .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                   return {g / (1 + square(y.node().inputs[0]))};
                 }};
Tensor atan(const Tensor& x) { return apply(atan_op, {x}); }

const Op asin_op{.name = "asin",
                 .kind = Kind::elementwise,
                 .arity = 1,
                 .infer = float_operands,
                 .glsl = "hk_asin({0})",
                 .glsl_functions = arc_functions,
                 .eval = [](Operands x, DType) { return std::asin(x[0]); },
                 .cost = 36,
                 .onnx = "Asin",
                 .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                   return {over_cosine(g, y.node().inputs[0])};
                 }};
Tensor asin(const Tensor& x) { return apply(asin_op, {x}); }

const Op acos_op{.name = "acos",
                 .kind = Kind::elementwise,
                 .arity = 1,
                 .infer = float_operands,
                 .glsl = "hk_acos({0})",
                 .glsl_functions = arc_functions,
                 .eval = [](Operands x, DType) { return std::acos(x[0]); },
                 .cost = 36,
                 .onnx = "Acos",
                 .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                   return {-over_cosine(g, y.node().inputs[0])};
                 }};
Tensor acos(const Tensor& x) { return apply(acos_op, {x}); }

// Primitives, since the choices that a composite makes at the axes, and its infinities, have no derivatives.
const Op atan2_op{.name = "atan2",
                  .kind = Kind::elementwise,
                  .arity = 2,
                  .infer = float_operands,
                  .glsl = "hk_atan2({0}, {1})",
                  .glsl_functions = arc_functions,
                  .eval = [](Operands x, DType) { return std::atan2(x[0], x[1]); },
                  .cost = 40,
                  .vjp = [](const Tensor& angle, const Tensor& g) -> Gradients {
                    const Tensor& y = angle.node().inputs[0];
                    const Tensor& x = angle.node().inputs[1];
                    const Tensor at_origin = equal(x, 0) && equal(y, 0);
                    // The square of the length may overflow.
                    const Tensor length = hypot(where(at_origin, 1, x), y);
                    const Tensor scaled = g / length;
                    return {scaled * (x / length), -(scaled * (y / length))};
                  }};
Tensor atan2(const Tensor& y, const Tensor& x) {
  return apply(atan2_op, broadcast_operands("atan2", {y, x}));
}

const Op hypot_op{.name = "hypot",
                  .kind = Kind::elementwise,
                  .arity = 2,
                  .infer = float_operands,
                  .glsl = "hk_hypot({0}, {1})",
                  .glsl_functions = length_function,
                  .eval = [](Operands x, DType) { return std::hypot(x[0], x[1]); },
                  .cost = 16,
                  .vjp = [](const Tensor& length, const Tensor& g) -> Gradients {
                    const auto& x = length.node().inputs;
                    const Tensor scaled = g / where(equal(length, 0), 1, length);
                    return {scaled * x[0], scaled * x[1]};
                  }};
Tensor hypot(const Tensor& x, const Tensor& y) {
  return apply(hypot_op, broadcast_operands("hypot", {x, y}));
}

Tensor sinc(const Tensor& x) {
  const Tensor angle = std::numbers::pi * x;
  // Near 0 the quotient's derivatives lose their digits; the series has all of them.
  const Tensor is_small = abs(angle) < 1;
  const Tensor square_of_small = where(is_small, square(angle), 0), divisor = where(is_small, 1, angle);
  Tensor series = 1.0 / 6227020800;
  for (const double factor : {-1.0 / 39916800, 1.0 / 362880, -1.0 / 5040, 1.0 / 120, -1.0 / 6, 1.0})
    series = series * square_of_small + factor;
  return where(is_small, series, sin(divisor) / divisor);
}

}  // namespace hekla
