// Primitives: as composites, log2 and log10 would be a little off at the powers of their bases, where floor reads
// them, and the inverse hyperbolic functions would have kinks at 0.
#include "ops/logarithm.h"

#include <cmath>
#include <numbers>

#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/statistics.h"

namespace hekla {

namespace {

using Operands = std::span<const double>;
using Gradients = std::vector<Tensor>;

// The logarithm of x = 2^n m with m from sqrt(1/2) to sqrt(2) is n log 2 + log m, and log m is computed from m - 1,
// which is exact, by the series of 2 artanh((m - 1) / (m + 1)) (as in fdlibm, Sun Microsystems 1993). The polynomial
// of exp2 is Cephes' (Moshier). Two factors make the power of two, of which neither overflows.
constexpr std::string_view functions = R"(float hk_log_parts(float x, out float n) {
  bool is_small = x < 1.17549435e-38;
  uint bits = floatBitsToUint(is_small ? x * 8388608.0 : x) + 0x004afb0du;
  n = float(int(bits >> 23) - 127) - (is_small ? 23.0 : 0.0);
  float f = uintBitsToFloat((bits & 0x7fffffu) + 0x3f3504f3u) - 1.0;
  float s = f / (2.0 + f);
  float s2 = s * s;
  float rest = s2 * (0.666666667 + s2 * (0.4 + s2 * (0.285714286 + s2 * 0.222222222)));
  float half_square = 0.5 * f * f;
  return f - (half_square - s * (half_square + rest));
}
float hk_log_borders(float x, float y) {
  y = x == 0.0 ? uintBitsToFloat(0xff800000u) : x < 0.0 ? uintBitsToFloat(0x7fc00000u) : y;
  return x != x || x == uintBitsToFloat(0x7f800000u) ? x : y;
}
float hk_natural_log(float x) {
  float n;
  float y = hk_log_parts(x, n);
  return hk_log_borders(x, (y - n * 2.12194440e-4) + n * 0.693359375);
}
float hk_log2(float x) {
  float n;
  float y = hk_log_parts(x, n);
  return hk_log_borders(x, y * 1.44269504 + n);
}
float hk_log10(float x) {
  float n;
  float y = hk_log_parts(x, n);
  return hk_log_borders(x, (y * 0.434294482 + n * 7.9034151668e-7) + n * 0.30102920532);
}
float hk_exp2(float x) {
  float within = x > 129.0 ? 129.0 : x < -151.0 ? -151.0 : x;
  float n = floor(within + 0.5);
  float r = (within - n) * 0.693147181;
  float p = 4.1665795894e-2 + r * (8.3334519073e-3 + r * (1.3981999507e-3 + r * 1.9875691500e-4));
  p = 1.0 + (r + r * r * (5.0000001201e-1 + r * (1.6666665459e-1 + r * p)));
  int whole = int(x != x ? 0.0 : n);
  int part = whole >> 1;
  float y = p * uintBitsToFloat(uint(part + 127) << 23) * uintBitsToFloat(uint(whole - part + 127) << 23);
  return x != x ? x : y;
}
float hk_log_of_one_and(float x) {
  float s = x / (2.0 + x);
  float s2 = s * s;
  float series = 2.0 * s * (1.0 + s2 * (1.0 / 3.0 + s2 * (1.0 / 5.0 + s2 * (1.0 / 7.0 + s2 * (1.0 / 9.0 + s2 / 11.0)))));
  return x < 0.5 ? series : hk_natural_log(1.0 + x);
}
float hk_asinh(float x) {
  float a = abs(x);
  float y = hk_log_of_one_and(a + a * a / (1.0 + sqrt(1.0 + a * a)));
  y = a > 1e9 ? hk_natural_log(a) + 0.693147181 : y;
  return x == 0.0 ? x : x < 0.0 ? -y : y;
}
float hk_acosh(float x) {
  float above = x - 1.0;
  float y = hk_log_of_one_and(above + sqrt(above * (x + 1.0)));
  y = x > 1e9 ? hk_natural_log(x) + 0.693147181 : y;
  return x < 1.0 ? uintBitsToFloat(0x7fc00000u) : y;
}
float hk_atanh(float x) {
  float a = abs(x);
  float y = a == 1.0 ? uintBitsToFloat(0x7f800000u) : 0.5 * hk_log_of_one_and(2.0 * a / (1.0 - a));
  y = a > 1.0 ? uintBitsToFloat(0x7fc00000u) : y;
  return x == 0.0 ? x : x < 0.0 ? -y : y;
}
)";

}  // namespace

const Op log2_op{.name = "log2",
                 .kind = Kind::elementwise,
                 .arity = 1,
                 .infer = float_operands,
                 .glsl = "hk_log2({0})",
                 .glsl_functions = functions,
                 .eval = [](Operands x, DType) { return std::log2(x[0]); },
                 .cost = 24,
                 .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                   return {g / (std::numbers::ln2 * y.node().inputs[0])};
                 }};
Tensor log2(const Tensor& x) { return apply(log2_op, {x}); }

const Op log10_op{.name = "log10",
                  .kind = Kind::elementwise,
                  .arity = 1,
                  .infer = float_operands,
                  .glsl = "hk_log10({0})",
                  .glsl_functions = functions,
                  .eval = [](Operands x, DType) { return std::log10(x[0]); },
                  .cost = 26,
                  .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                    return {g / (std::numbers::ln10 * y.node().inputs[0])};
                  }};
Tensor log10(const Tensor& x) { return apply(log10_op, {x}); }

const Op exp2_op{
    .name = "exp2",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = float_operands,
    .glsl = "hk_exp2({0})",
    .glsl_functions = functions,
    .eval = [](Operands x, DType) { return std::exp2(x[0]); },
    .cost = 24,
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g * y * std::numbers::ln2}; }};
Tensor exp2(const Tensor& x) { return apply(exp2_op, {x}); }

const Op asinh_op{
    .name = "asinh",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = float_operands,
    .glsl = "hk_asinh({0})",
    .glsl_functions = functions,
    .eval = [](Operands x, DType) { return std::asinh(x[0]); },
    .cost = 50,
    .onnx = "Asinh",
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g / hypot(y.node().inputs[0], 1)}; }};
Tensor asinh(const Tensor& x) { return apply(asinh_op, {x}); }

const Op acosh_op{.name = "acosh",
                  .kind = Kind::elementwise,
                  .arity = 1,
                  .infer = float_operands,
                  .glsl = "hk_acosh({0})",
                  .glsl_functions = functions,
                  .eval = [](Operands x, DType) { return std::acosh(x[0]); },
                  .cost = 50,
                  .onnx = "Acosh",
                  .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                    const Tensor& x = y.node().inputs[0];
                    // A root of the product would overflow.
                    return {g / (sqrt(x - 1) * sqrt(x + 1))};
                  }};
Tensor acosh(const Tensor& x) { return apply(acosh_op, {x}); }

const Op atanh_op{.name = "atanh",
                  .kind = Kind::elementwise,
                  .arity = 1,
                  .infer = float_operands,
                  .glsl = "hk_atanh({0})",
                  .glsl_functions = functions,
                  .eval = [](Operands x, DType) { return std::atanh(x[0]); },
                  .cost = 44,
                  .onnx = "Atanh",
                  .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                    const Tensor& x = y.node().inputs[0];
                    // 1 - x^2 would lose digits near 1.
                    return {g / ((1 - x) * (1 + x))};
                  }};
Tensor atanh(const Tensor& x) { return apply(atanh_op, {x}); }

Tensor logaddexp(const Tensor& a, const Tensor& b) {
  return logsumexp(stack(broadcast_operands("logaddexp", {a, b}), 0), {0});
}

Tensor logaddexp2(const Tensor& a, const Tensor& b) {
  return logaddexp(a * std::numbers::ln2, b * std::numbers::ln2) / std::numbers::ln2;
}

}  // namespace hekla
