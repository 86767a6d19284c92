// The error function, its complement and its inverse: primitives, as GLSL has none of them.
#include "ops/error_function.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "ops/elementwise.h"

namespace hekla {

namespace {

using Gradients = std::vector<Tensor>;

// Newton's method on erf, or on log(erfc) where the derivative of erf vanishes.
double inverse_erf(double x) {
  if (std::isnan(x) || std::fabs(x) > 1) return std::numeric_limits<double>::quiet_NaN();
  if (std::fabs(x) == 1) return x * std::numeric_limits<double>::infinity();
  const double size = std::fabs(x);
  const double w = -std::log((1 - size) * (1 + size));
  // Winitzki's approximation, accurate to 2e-3, as the initial value.
  const double a = 0.147, b = 2 / (std::numbers::pi * a) - w / 2;
  double y = std::sqrt(std::max(std::sqrt(b * b + w / a) - b, 0.0));
  for (int step = 0; step < 4; ++step) {
    const double slope = 2 * std::numbers::inv_sqrtpi * std::exp(-y * y);
    if (size < 0.9) {
      y -= (std::erf(y) - size) / slope;
    } else {
      const double rest = std::erfc(y);
      y += rest * (std::log(rest) - std::log1p(-size)) / slope;
    }
  }
  return x < 0 ? -y : y;
}

}  // namespace

const Op erf_op{.name = "erf",
                .kind = Kind::elementwise,
                .arity = 1,
                .infer = float_operands,
                .glsl = "hk_erf({0})",
                .glsl_functions = R"(float hk_erf(float x) {
  float x2 = x * x;
  float series = x * (1.128379167 + x2 * (-0.376126389 + x2 * (0.112837917 + x2 * (-0.0268661706 + x2 * (5.22397762e-3 +
      x2 * (-8.54832703e-4 + x2 * (1.20553330e-4 - x2 * 1.49256503e-5)))))));
  float t = 1.0 / (1.0 + 0.3275911 * abs(x));
  float rest = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return abs(x) < 0.75 ? series : sign(x) * (1.0 - rest * exp(-x2));
}
)",
                .eval = [](std::span<const double> x, DType) { return std::erf(x[0]); },
                .cost = 45,
                .onnx = "Erf",
                .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                  return {g * (2 * std::numbers::inv_sqrtpi * exp(-square(y.node().inputs[0])))};
                }};
Tensor erf(const Tensor& x) { return apply(erf_op, {x}); }

// The polynomial is that of (1 + 2x) e^(x^2) erfc(x) in (x - 2) / (x + 2), interpolated at Chebyshev's nodes of
// [-1, 0.67]. The square of x's upper digits is exact; e to its negative is computed as a power of two times e to a
// number within log 2 of 0 (the polynomial is Cephes', Moshier).
const Op erfc_op{.name = "erfc",
                 .kind = Kind::elementwise,
                 .arity = 1,
                 .infer = float_operands,
                 .glsl = "hk_erfc({0})",
                 .glsl_functions = R"(float hk_erfc(float x) {
  float a = abs(x) < 10.5 ? abs(x) : 10.5;
  float q = (a - 2.0) / (a + 2.0);
  float p = -0.00804784056 + q * (0.0086392798 + q * (0.00128195854 + q * (-0.00125128147 + q * (-0.000372464769 +
      q * 2.19511476e-5))));
  p = 1.27697837 + q * (-0.0927639157 + q * (-0.166031301 + q * (0.164053634 + q * (-0.0542056561 + q * p))));
  float high = uintBitsToFloat(floatBitsToUint(a) & 0xfffff000u);
  float square = high * high;
  float n = floor(square * 1.44269504 + 0.5);
  precise float r = ((n * 0.693359375 - square) - n * 2.12194440e-4) - (a - high) * (a + high);
  float e = 4.1665795894e-2 + r * (8.3334519073e-3 + r * (1.3981999507e-3 + r * 1.9875691500e-4));
  e = 1.0 + (r + r * r * (5.0000001201e-1 + r * (1.6666665459e-1 + r * e)));
  int whole = -int(n);
  int part = whole >> 1;
  e = e * uintBitsToFloat(uint(part + 127) << 23) * uintBitsToFloat(uint(whole - part + 127) << 23);
  float y = p / (1.0 + 2.0 * a) * e;
  return x != x ? x : x < 0.0 ? 2.0 - y : y;
}
)",
                 .eval = [](std::span<const double> x, DType) { return std::erfc(x[0]); },
                 .cost = 60,
                 .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                   return {g * (-2 * std::numbers::inv_sqrtpi * exp(-square(y.node().inputs[0])))};
                 }};
Tensor erfc(const Tensor& x) { return apply(erfc_op, {x}); }

const Op erfinv_op{.name = "erfinv",
                   .kind = Kind::elementwise,
                   .arity = 1,
                   .infer = float_operands,
                   .glsl = "hk_erfinv({0})",
                   .glsl_functions = R"(float hk_erfinv(float x) {
  float w = -log((1.0 - x) * (1.0 + x));
  float v = w - 2.5;
  float middle = 1.50140941 + v * (0.246640727 + v * (-0.00417768164 + v * (-0.00125372503 + v * (0.00021858087 +
      v * (-4.39150654e-06 + v * (-3.5233877e-06 + v * (3.43273939e-07 + v * 2.81022636e-08)))))));
  float u = sqrt(max(w, 0.0)) - 3.0;
  float tail = 2.83297682 + u * (1.00167406 + u * (0.00943887047 + u * (-0.0076224613 + u * (0.00573950773 +
      u * (-0.00367342844 + u * (0.00134934322 + u * (0.000100950558 - u * 0.000200214257)))))));
  float y = (w < 5.0 ? middle : tail) * x;
  return abs(x) == 1.0 ? x * uintBitsToFloat(0x7f800000u) : abs(x) > 1.0 ? uintBitsToFloat(0x7fc00000u) : y;
}
)",
                   .eval = [](std::span<const double> x, DType) { return inverse_erf(x[0]); },
                   .cost = 60,
                   .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                     return {g * (0.5 / std::numbers::inv_sqrtpi * exp(square(y)))};
                   }};
Tensor erfinv(const Tensor& x) { return apply(erfinv_op, {x}); }

}  // namespace hekla
