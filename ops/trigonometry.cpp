// Sine, cosine and arctangent are primitives with arithmetic of their own: Vulkan allows a driver's sine an
// absolute error of 2^-11, only within [-pi, pi], and its arctangent 4096 units in the last place.
#include "ops/trigonometry.h"

#include <cmath>
#include <numbers>

#include "ops/elementwise.h"

namespace hekla {

namespace {

using Operands = std::span<const double>;
using Gradients = std::vector<Tensor>;

// x less the nearest multiple of pi/2, of which the first parts have few digits so that products with them
// are exact (Cody, Waite: Software Manual for the Elementary Functions, 1980), then Taylor's series within
// pi/4.
constexpr std::string_view sine_function = R"(float hk_sine(float x, int quarters) {
  float turns = floor(x * 0.636619772 + 0.5);
  precise float rest = ((x - turns * 1.5703125) - turns * 4.837512969970703e-4) - turns * 7.54978995489188e-8;
  rest = abs(rest) < 0.8 ? rest : abs(x) < 3e38 ? 0.0 : uintBitsToFloat(0x7fc00000u);
  float r2 = rest * rest;
  float s = rest + rest * r2 * (-1.0 / 6.0 + r2 * (1.0 / 120.0 + r2 * (-1.0 / 5040.0 + r2 * (1.0 / 362880.0))));
  float c = 1.0 + r2 * (-0.5 + r2 * (1.0 / 24.0 + r2 * (-1.0 / 720.0 + r2 * (1.0 / 40320.0))));
  int quadrant = int(clamp(turns, -1e9, 1e9)) + quarters;
  float y = (quadrant & 1) == 0 ? s : c;
  return (quadrant & 2) == 0 ? y : -y;
}
)";

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
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {-(g * sin(y.node().inputs[0]))}; }};
Tensor cos(const Tensor& x) { return apply(cos_op, {x}); }

Tensor tan(const Tensor& x) { return sin(x) / cos(x); }

// Within [-1, 1] the polynomial of Abramowitz and Stegun, 4.4.49.
const Op atan_op{.name = "atan",
                 .kind = Kind::elementwise,
                 .arity = 1,
                 .infer = float_operands,
                 .glsl = "hk_atan({0})",
                 .glsl_functions = R"(float hk_atan(float x) {
  float t = abs(x) > 1.0 ? 1.0 / abs(x) : abs(x);
  float t2 = t * t;
  float p = -0.0752896400 + t2 * (0.0429096138 + t2 * (-0.0161657367 + t2 * 0.0028662257));
  p = 1.0 + t2 * (-0.3333314528 + t2 * (0.1999355085 + t2 * (-0.1420889944 + t2 * (0.1065626393 + t2 * p))));
  float y = abs(x) > 1.0 ? 1.57079633 - t * p : t * p;
  return x < 0.0 ? -y : y;
}
)",
                 .eval = [](Operands x, DType) { return std::atan(x[0]); },
                 .cost = 24,
                 .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                   return {g / (1 + square(y.node().inputs[0]))};
                 }};
Tensor atan(const Tensor& x) { return apply(atan_op, {x}); }

// (1 - x) (1 + x) keeps the digits near 1 that 1 - x^2 loses.
Tensor asin(const Tensor& x) { return atan(x / sqrt((1 - x) * (1 + x))); }
Tensor acos(const Tensor& x) { return 2 * atan(sqrt((1 - x) / (1 + x))); }

}  // namespace hekla
