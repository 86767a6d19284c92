// Primitives, as GLSL has none of them. The derivatives of digamma are values of Hurwitz's zeta function.
#include "ops/gamma.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "graph/error.h"
#include "ops/elementwise.h"

namespace hekla {

namespace {

using Operands = std::span<const double>;
using Gradients = std::vector<Tensor>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Polynomials, interpolated at Chebyshev's nodes, of lgamma(1 + u) / u, lgamma(2 + v) / v and digamma(x) / (x - zero);
// elsewhere Stirling's series, and for negative x Euler's reflection (Abramowitz, Stegun: Handbook of Mathematical
// Functions, 6.1.17, 6.1.41, 6.3.7 and 6.3.18). The logarithm is that of fdlibm (Sun Microsystems, 1993): a driver's is
// not accurate enough near 1.
constexpr std::string_view functions = R"(float hk_gamma_log(float x) {
  bool is_small = x < 1.17549435e-38;
  uint bits = floatBitsToUint(is_small ? x * 8388608.0 : x) + 0x004afb0du;
  float n = float(int(bits >> 23) - 127) - (is_small ? 23.0 : 0.0);
  float f = uintBitsToFloat((bits & 0x7fffffu) + 0x3f3504f3u) - 1.0;
  float s = f / (2.0 + f);
  float s2 = s * s;
  float rest = s2 * (0.666666667 + s2 * (0.4 + s2 * (0.285714286 + s2 * 0.222222222)));
  float half_square = 0.5 * f * f;
  float y = ((f - (half_square - s * (half_square + rest))) - n * 2.12194440e-4) + n * 0.693359375;
  y = x == 0.0 ? uintBitsToFloat(0xff800000u) : y;
  return x != x || x == uintBitsToFloat(0x7f800000u) ? x : y;
}
float hk_from_nearest(float x) {
  float above = x - floor(x);
  return above > 0.5 ? above - 1.0 : above;
}
float hk_sine_of_half_turns(float r) {
  float r2 = r * r;
  return r * (3.14159265 + r2 * (-5.16771278 + r2 * (2.55016404 + r2 * (-0.599264529 + r2 * (0.0821458866 +
      r2 * (-0.00737043094 + r2 * 0.000466302806))))));
}
float hk_cosine_of_half_turns(float r) {
  float r2 = r * r;
  return 1.0 + r2 * (-4.93480220 + r2 * (4.05871213 + r2 * (-1.33526277 + r2 * (0.235330630 + r2 * (-0.0258068914 +
      r2 * 0.00192957431)))));
}
float hk_lgamma(float x) {
  bool is_reflected = x < -0.5;
  float z = is_reflected ? -x : x;
  float u = z < 0.5 ? z : z - 1.0;
  float p = 0.169134513 + u * (-0.143652916 + u * (0.131095514 + u * (-0.116579369 + u * (0.0653093085 +
      u * (-0.0583021343 + u * (0.179739267 - u * 0.167297333))))));
  p = u * (-0.577215672 + u * (0.82246691 + u * (-0.400685519 + u * (0.270594269 + u * (-0.207398206 + u * p)))));
  float near_one = z < 0.5 ? p - hk_gamma_log(abs(z)) : z == 1.0 ? 0.0 : p;
  float v = z - 2.0;
  float q = 0.002893067198 + v * (-0.00120926008 + v * (0.000521571201 + v * (-0.000202293275 + v * (5.49137658e-5 -
      v * 7.08323432e-6))));
  q = v * (0.422784328 + v * (0.322467059 + v * (-0.0673524514 + v * (0.0205800552 + v * (-0.00738274213 + v * q)))));
  float inverse = 1.0 / z;
  float i2 = inverse * inverse;
  float stirling = inverse * (0.0833333333 + i2 * (-0.00277777778 + i2 * (0.000793650794 + i2 * (-0.000595238095 +
      i2 * (0.000841750842 - i2 * 0.00191752692)))));
  stirling = (z - 0.5) * (hk_gamma_log(z) - 1.0) + (0.418938533 + stirling);
  float y = z < 1.5 ? near_one : z < 3.5 ? q : stirling;
  float r = hk_from_nearest(x);
  y = is_reflected ? (1.14472989 - hk_gamma_log(z * hk_sine_of_half_turns(abs(r)))) - y : y;
  return abs(x) == uintBitsToFloat(0x7f800000u) ? abs(x) : x != x ? x : y;
}
float hk_digamma(float x) {
  bool is_reflected = x < -0.5;
  float z = is_reflected ? 1.0 - x : x < 0.5 ? 1.0 + x : x;
  float steps = z < 1.0 ? -1.0 / z : z < 2.0 ? 0.0 : z < 3.0 ? 1.0 / (z - 1.0) : 1.0 / (z - 1.0) + 1.0 / (z - 2.0);
  float w = z < 1.0 ? z + 1.0 : z < 2.0 ? z : z < 3.0 ? z - 1.0 : z - 2.0;
  float t = w - 1.5;
  float p = -0.062055979 + t * (0.0408500284 + t * (-0.0257868841 + t * (0.0171149895 + t * (-0.0163736194 +
      t * 0.0109025892))));
  p = 0.951055884 + t * (-0.423627496 + t * (0.240542531 + t * (-0.148398861 + t * (0.0949846879 + t * p))));
  precise float from_zero = (w - 1.46163213) - 1.243814994e-8;
  float inverse = 1.0 / z;
  float i2 = inverse * inverse;
  float far = (hk_gamma_log(z) - 0.5 * inverse) - i2 * (0.0833333333 - i2 * (0.00833333333 - i2 * (0.00396825397 -
      i2 * (0.00416666667 - i2 * 0.00757575758))));
  float y = z < 4.0 ? from_zero * p + steps : far;
  float r = hk_from_nearest(x);
  float cotangent = 3.14159265 * hk_cosine_of_half_turns(r) / hk_sine_of_half_turns(r);
  y = is_reflected ? (r == 0.0 ? uintBitsToFloat(0x7fc00000u) : y - cotangent) : x < 0.5 ? y - 1.0 / x : y;
  return x == uintBitsToFloat(0x7f800000u) || x != x ? x : y;
}
)";

// zeta(s, q) = sum of (q + k)^-s over k = 0, 1, ..., by Euler's and Maclaurin's formula from the ninth element on
// (Abramowitz, Stegun, 23.1.30). For q <= 0, of the sum over all whole k, which has the period 1 in q, the part with
// k < 0 is taken away.
constexpr std::string_view zeta_functions = R"(float hk_whole_power(float x, int n) {
  float y = 1.0;
  for (int i = 0; i < 6; ++i) {
    y = (n & 1) != 0 ? y * x : y;
    x = x * x;
    n = n >> 1;
  }
  return y;
}
float hk_zeta_of_positive(float s, float q) {
  int n = int(s);
  float a = q + 8.0;
  float inverse = 1.0 / a;
  float i2 = inverse * inverse;
  float y = 1.0 / hk_whole_power(a, n - 1) * (1.0 / (s - 1.0) + inverse * (0.5 + s * inverse * (0.0833333333 -
      (s + 1.0) * (s + 2.0) * i2 * (0.00138888889 - (s + 3.0) * (s + 4.0) * i2 * 3.30687831e-5))));
  for (int k = 7; k >= 0; --k) y += 1.0 / hk_whole_power(q + float(k), n);
  return y;
}
float hk_zeta(float s, float q) {
  int n = int(s);
  bool is_positive = q >= 0.5;
  float above = q - floor(q);
  float r = is_positive ? 0.25 : q > -0.5 && q != 0.0 ? q : above > 0.5 ? above - 1.0 : above;
  float y = hk_zeta_of_positive(s, is_positive ? q : 1.0 + r);
  float before = hk_zeta_of_positive(s, 1.0 - r) - hk_zeta_of_positive(s, is_positive ? 0.75 : 1.0 - q);
  return is_positive ? y : 1.0 / hk_whole_power(r, n) + y + ((n & 1) != 0 ? -before : before);
}
)";

double exact_digamma(double x) {
  if (x == 0) return std::copysign(infinity, -x);
  if (x == -infinity || (x < 0 && x == std::floor(x))) return nan;
  if (x < 0) {
    return exact_digamma(1 - x) - std::numbers::pi / std::tan(std::numbers::pi * std::remainder(x, 1));
  }
  double y = 0;
  for (; x < 12; ++x) y -= 1 / x;
  const double i2 = 1 / (x * x);
  return y + std::log(x) - 0.5 / x -
         i2 * (1.0 / 12 -
               i2 * (1.0 / 120 - i2 * (1.0 / 252 - i2 * (1.0 / 240 - i2 * (1.0 / 132 - i2 * 691 / 32760)))));
}

double exact_zeta_of_positive(double s, double q) {
  double y = 0;
  for (int k = 0; k < 24; ++k) y += std::pow(q + k, -s);
  const double a = q + 24, i2 = 1 / (a * a);
  double term = s / a, series = 1 / (s - 1) + 0.5 / a;
  const double factors[]{1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160};
  for (int j = 0; j < 5; ++j) {
    series += factors[j] * term / a;
    term *= (s + 2 * j + 1) * (s + 2 * j + 2) * i2;
  }
  return y + std::pow(a, 1 - s) * series;
}

double exact_zeta(double s, double q) {
  if (q >= 0.5 || std::isnan(q)) return q == infinity ? 0 : exact_zeta_of_positive(s, q);
  const double r = std::remainder(q, 1) + 0.0;  // never -0, which has poles of another sign
  const double before = exact_zeta_of_positive(s, 1 - r) - exact_zeta_of_positive(s, 1 - q);
  return std::pow(r, -s) + exact_zeta_of_positive(s, 1 + r) + (std::fmod(s, 2) == 0 ? before : -before);
}

}  // namespace

const Op lgamma_op{
    .name = "lgamma",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = float_operands,
    .glsl = "hk_lgamma({0})",
    .glsl_functions = functions,
    .eval = [](Operands x, DType) { return std::lgamma(x[0]); },
    .cost = 130,
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients { return {g * digamma(y.node().inputs[0])}; }};
Tensor lgamma(const Tensor& x) { return apply(lgamma_op, {x}); }

const Op digamma_op{.name = "digamma",
                    .kind = Kind::elementwise,
                    .arity = 1,
                    .infer = float_operands,
                    .glsl = "hk_digamma({0})",
                    .glsl_functions = functions,
                    .eval = [](Operands x, DType) { return exact_digamma(x[0]); },
                    .cost = 110,
                    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                      return {g * polygamma(1, y.node().inputs[0])};
                    }};
Tensor digamma(const Tensor& x) { return apply(digamma_op, {x}); }

// Operands: s, which is a whole number above 1 in every element, and q.
const Op zeta_op{.name = "zeta",
                 .kind = Kind::elementwise,
                 .arity = 2,
                 .infer = float_operands,
                 .glsl = "hk_zeta({0}, {1})",
                 .glsl_functions = zeta_functions,
                 .eval = [](Operands x, DType) { return exact_zeta(x[0], x[1]); },
                 .cost = 400,
                 .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                   const Tensor& s = y.node().inputs[0];
                   return {Tensor(), -(g * s * apply(zeta_op, {s + 1, y.node().inputs[1]}))};
                 }};

Tensor polygamma(int n, const Tensor& x) {
  if (n < 0 || n > 30) throw Error(fmt::format("[polygamma] n is {}; it must be in [0, 30].", n));
  if (x.dtype() != DType::f32)
    throw Error(fmt::format("[polygamma] {} is not f32; cast it first.", describe(x)));
  if (n == 0) return digamma(x);
  const double factorial = std::tgamma(n + 1.0);
  // Made of x's shape here, since a number beside a tensor takes the tensor's dtype.
  const Tensor s = constant(n + 1, x.shape());
  return (n % 2 == 0 ? -factorial : factorial) * apply(zeta_op, {s, x});
}

}  // namespace hekla
