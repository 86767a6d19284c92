// What operations' authors write in GLSL, as C++.
#include "backends/native/cplusplus.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "autodiff/check_op.h"
#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using native::cplusplus_of;
using native::literal;

double nothing(std::span<const double>, DType) { return 0; }

struct Builtin {
  const char* glsl;  // of x and y
  double (*value)(double x, double y);
};

constexpr double pi = 3.14159265358979323846;

// GLSL's functions of floats, and what they are of x in (-2, 2) and y in (0.1, 3).
const Builtin builtins[] = {
    {"radians(x)", [](double x, double) { return x * pi / 180; }},
    {"degrees(x)", [](double x, double) { return x * 180 / pi; }},
    {"sin(x)", [](double x, double) { return std::sin(x); }},
    {"cos(x)", [](double x, double) { return std::cos(x); }},
    {"tan(x * 0.5)", [](double x, double) { return std::tan(x / 2); }},
    {"asin(x * 0.5)", [](double x, double) { return std::asin(x / 2); }},
    {"acos(x * 0.5)", [](double x, double) { return std::acos(x / 2); }},
    {"atan(x)", [](double x, double) { return std::atan(x); }},
    {"atan(x, y)", [](double x, double y) { return std::atan2(x, y); }},
    {"sinh(x)", [](double x, double) { return std::sinh(x); }},
    {"cosh(x)", [](double x, double) { return std::cosh(x); }},
    {"tanh(x)", [](double x, double) { return std::tanh(x); }},
    {"asinh(x)", [](double x, double) { return std::asinh(x); }},
    {"acosh(1.0 + y)", [](double, double y) { return std::acosh(1 + y); }},
    {"atanh(x * 0.4)", [](double x, double) { return std::atanh(x * 0.4); }},
    {"pow(y, x)", [](double x, double y) { return std::pow(y, x); }},
    {"exp(x)", [](double x, double) { return std::exp(x); }},
    {"exp2(x)", [](double x, double) { return std::exp2(x); }},
    {"log(y)", [](double, double y) { return std::log(y); }},
    {"log2(y)", [](double, double y) { return std::log2(y); }},
    {"sqrt(y)", [](double, double y) { return std::sqrt(y); }},
    {"inversesqrt(y)", [](double, double y) { return 1 / std::sqrt(y); }},
    {"abs(x)", [](double x, double) { return std::fabs(x); }},
    {"sign(x)", [](double x, double) { return x > 0   ? 1.0
                                              : x < 0 ? -1.0
                                                      : 0.0; }},
    {"floor(x)", [](double x, double) { return std::floor(x); }},
    {"ceil(x)", [](double x, double) { return std::ceil(x); }},
    {"trunc(x)", [](double x, double) { return std::trunc(x); }},
    {"roundEven(x)", [](double x, double) { return std::nearbyint(x); }},
    {"fract(x)", [](double x, double) { return x - std::floor(x); }},
    {"mod(x, y)", [](double x, double y) { return x - y * std::floor(x / y); }},
    {"min(x, y)", [](double x, double y) { return std::min(x, y); }},
    {"max(x, 0)", [](double x, double) { return std::max(x, 0.0); }},
    {"clamp(x, -0.5, 1.0)", [](double x, double) { return std::clamp(x, -0.5, 1.0); }},
    {"mix(x, y, 0.25)", [](double x, double y) { return 0.75 * x + 0.25 * y; }},
    {"mix(x, y, x < y)", [](double x, double y) { return x < y ? y : x; }},
    {"step(0.5, x)", [](double x, double) { return x < 0.5 ? 0.0 : 1.0; }},
    {"smoothstep(-1.0, 1.0, x)",
     [](double x, double) {
       const double t = std::clamp((x + 1) / 2, 0.0, 1.0);
       return t * t * (3 - 2 * t);
     }},
    {"fma(x, y, 1.5)", [](double x, double y) { return x * y + 1.5; }},
    {"ldexp(x, 3)", [](double x, double) { return x * 8; }},
    {"float(isnan(x / 0.0 * 0.0))", [](double, double) { return 1.0; }},
    {"float(isinf(x / 0.0))", [](double, double) { return 1.0; }},
    {"float(bitCount(floatBitsToUint(x)) - bitCount(floatBitsToInt(x)))", [](double, double) { return 0.0; }},
    {"float(findLSB(40u) + findMSB(40u))", [](double, double) { return 8.0; }},
    {"float(bitfieldExtract(0xabcdu, 4, 8))", [](double, double) { return 188.0; }},
    {"float(bitfieldInsert(0u, 5u, 2, 3))", [](double, double) { return 20.0; }},
    {"float(bitfieldReverse(0x40000000u))", [](double, double) { return 2.0; }},
    {"unpackHalf2x16(packHalf2x16(vec2(1.5, -0.25))).y", [](double, double) { return -0.25; }},
    {"dot(vec3(x, y, 1.0), vec3(2.0, 3.0, 4.0))", [](double x, double y) { return 2 * x + 3 * y + 4; }},
    {"(vec4(x, y, 1.0, 2.0) * 2.0 + vec4(1.0)).y", [](double, double y) { return 2 * y + 1; }},
};

}  // namespace

TEST_SUITE("native") {
  TEST_CASE("cplusplus_of: numbers") {
    CHECK(cplusplus_of("1.0 / 3. + .5 - 1e5 * 2.5E-3") == "1.0f / hk_divisor(3.f) + .5f - 1e5f * 2.5E-3f");
    CHECK(cplusplus_of("1.0f + 2.0F") == "1.0f + 2.0f");
    CHECK(cplusplus_of("7 + 0x1Fu + 0xE5 + 3u") == "7 + 0x1Fu + 0xE5 + 3u");
    CHECK(cplusplus_of("x1.y + a2e3") == "x1.y + a2e3");
  }
  TEST_CASE("cplusplus_of: parameters") {
    CHECK(cplusplus_of("float f(in float x, out int n, inout uint m)") ==
          "float f( float x,  int& n,  uint& m)");
    CHECK(cplusplus_of("highp float x") == " float x");
  }
  TEST_CASE("cplusplus_of: lists, keywords and comments") {
    CHECK(cplusplus_of("float t[2] = float[2](1.0, f(2.0));") == "float t[2] = {1.0f, f(2.0f)};");
    CHECK(cplusplus_of("int[](1, 2)") == "{1, 2}");
    CHECK(cplusplus_of("float new = try + xor;") == "float new_ = try_ + xor_;");
    CHECK(cplusplus_of("x; // in 1.0\ny /* out 2.0 */") == "x; // in 1.0\ny /* out 2.0 */");
  }
  TEST_CASE("cplusplus_of: divisions") {
    CHECK(cplusplus_of("({0} / {1})") == "({0} / hk_divisor({1}))");
    CHECK(cplusplus_of("a / -f(b, c)[2].x % (d / e) * g") ==
          "a / hk_divisor(-f(b, c)[2].x) % hk_divisor((d / hk_divisor(e))) * g");
    CHECK(cplusplus_of("a / {T}({0}) / 2 // b / c") == "a / hk_divisor({T}({0})) / hk_divisor(2) // b / c");
    CHECK(cplusplus_of("a /= b + c; d %= e;") == "a /= hk_divisor( b + c); d %= hk_divisor( e);");
    CHECK(cplusplus_of("for (; a > 1; a /= 2)") == "for (; a > 1; a /= hk_divisor( 2))");
  }

  TEST_CASE("integers divided by 0 are 0, and nothing traps") {
    const auto op = [](const char* glsl) {
      return Op{.name = "mine",
                .kind = Kind::elementwise,
                .arity = 2,
                .infer = same_as_operands,
                .glsl = glsl,
                .eval = nothing};
    };
    const Op quotient = op("({0} / {1})"), rest = op("({0} % {1})");
    const Tensor a = tensor(std::vector<std::int32_t>{7, -7, INT32_MIN, INT32_MIN, 9, 0}),
                 b = tensor(std::vector<std::int32_t>{0, 2, -1, 0, -4, 5});
    const Tensor c = tensor(std::vector<std::uint32_t>{7, 8}), d = tensor(std::vector<std::uint32_t>{0, 3});
    const std::vector<Tensor> results = evaluate({.outputs = {apply(quotient, {a, b}), apply(rest, {a, b}),
                                                              apply(quotient, {c, d}), apply(rest, {c, d})}},
                                                 native_device());
    CHECK(results[0].to_vector<std::int32_t>() == std::vector<std::int32_t>{0, -3, INT32_MIN, 0, -2, 0});
    CHECK(results[1].to_vector<std::int32_t>() == std::vector<std::int32_t>{0, -1, 0, 0, 1, 0});
    CHECK(results[2].to_vector<std::uint32_t>() == std::vector<std::uint32_t>{0, 2});
    CHECK(results[3].to_vector<std::uint32_t>() == std::vector<std::uint32_t>{0, 2});
  }

  TEST_CASE("literals") {
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(literal(1, f32) == "1.0f");
    CHECK(literal(-0.0, f32) == "(-0.0f)");
    CHECK(literal(1e30, f32) == "1e+30f");
    CHECK(literal(infinity, f32) == "uintBitsToFloat(0x7f800000u)");
    CHECK(literal(-2147483648.0, i32) == "(-2147483647 - 1)");
    CHECK(literal(4294967295.0, u32) == "4294967295u");
    CHECK(literal(1, boolean) == "true");
  }

  TEST_CASE("every function of GLSL means the same") {
    std::vector<std::string> texts;
    for (const Builtin& builtin : builtins) {
      std::string text;
      for (const char* c = builtin.glsl; *c != '\0'; ++c) {
        const bool starts = c == builtin.glsl || !std::isalnum(static_cast<unsigned char>(c[-1]));
        const bool is_variable =
            starts && (*c == 'x' || *c == 'y') && !std::isalnum(static_cast<unsigned char>(c[1]));
        const bool is_member = c != builtin.glsl && c[-1] == '.';
        text += is_variable && !is_member ? (*c == 'x' ? "{0}" : "{1}") : std::string(1, *c);
      }
      texts.push_back("(" + text + ")");
    }
    std::vector<Op> ops;
    for (const std::string& text : texts)
      ops.push_back({.name = "builtin",
                     .kind = Kind::elementwise,
                     .arity = 2,
                     .infer = same_as_operands,
                     .glsl = text,
                     .eval = nothing});
    const std::vector<double> x{-1.9, -1, -0.3, 0.4, 0.5, 0.999, 1.7}, y{0.1, 0.7, 1, 1.5, 2, 2.5, 3};
    const Tensor first = tensor(x), second = tensor(y);
    Computation all;
    for (const Op& op : ops) all.outputs.push_back(apply(op, {first, second}));
    const std::vector<Tensor> results = evaluate(all, native_device());
    for (std::size_t k = 0; k < results.size(); ++k) {
      const std::vector<double> values = results[k].to_vector<double>();
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = builtins[k].value(static_cast<float>(x[i]), static_cast<float>(y[i]));
        CAPTURE(builtins[k].glsl);
        CAPTURE(x[i]);
        CAPTURE(y[i]);
        CHECK(std::fabs(values[i] - expected) <= 2e-6 * (1 + std::fabs(expected)));
      }
    }
  }

  TEST_CASE("exp and log are right to two units in the last place, over all magnitudes and at the borders") {
    std::vector<double> x;
    for (double exponent = -30; exponent < 6.5; exponent += 0.0371) {
      x.push_back(std::exp2(exponent));
      x.push_back(-std::exp2(exponent));
    }
    const double infinity = std::numeric_limits<double>::infinity();
    x.insert(x.end(),
             {0.0, -0.0, 88.7, 88.8, -87.4, -103, -110, 1000, -1000, infinity, -infinity, std::nan("")});
    for (double& number : x) number = static_cast<float>(number);
    const Op raw_exp{.name = "raw",
                     .kind = Kind::elementwise,
                     .arity = 1,
                     .infer = same_as_operands,
                     .glsl = "exp({0})",
                     .eval = nothing};
    const Op raw_log{.name = "raw",
                     .kind = Kind::elementwise,
                     .arity = 1,
                     .infer = same_as_operands,
                     .glsl = "log({0})",
                     .eval = nothing};
    const std::vector<Tensor> results =
        evaluate({.outputs = {apply(raw_exp, {tensor(x)}), apply(raw_log, {tensor(x)})}}, native_device());
    double (*const exact[])(double) = {[](double v) { return std::exp(v); },
                                       [](double v) { return std::log(v); }};
    for (int f = 0; f < 2; ++f) {
      const std::vector<double> values = results[static_cast<std::size_t>(f)].to_vector<double>();
      for (std::size_t i = 0; i < x.size(); ++i) {
        const auto expected = static_cast<double>(static_cast<float>(exact[f](x[i])));
        CAPTURE(f);
        CAPTURE(x[i]);
        CAPTURE(values[i]);
        if (std::isnan(expected)) {
          CHECK(std::isnan(values[i]));
        } else if (std::isinf(expected)) {
          CHECK(values[i] == expected);
        } else if (std::fabs(expected) < 1.2e-38) {
          CHECK(std::fabs(values[i]) < 1.2e-38);  // a denormal may be 0
        } else {
          CHECK(std::fabs(values[i] - expected) <= 2 * std::fabs(expected) * 0x1p-23);
        }
      }
    }
  }

  TEST_CASE(
      "an author's functions: parameters that are results, arrays, loops, vectors, names that C++ reserves") {
    const Op op{.name = "mine",
                .kind = Kind::elementwise,
                .arity = 1,
                .infer = same_as_operands,
                .glsl = "my_function({0}, {T}(2))",
                .glsl_functions = R"(const float weights[3] = float[3](0.5, 1.0, 0.25);
void split(in float x, out float whole, out float rest) {
  whole = floor(x);
  rest = x - whole;
}
float my_function(float x, float new) {
  float whole, rest;
  split(x, whole, rest);
  vec2 both = vec2(whole, rest) * new;
  float sum = 0.0;
  for (int i = 0; i < 3; ++i) {
    if (i == 1) continue;
    sum += weights[i] * both[i / 2];
  }
  return sum;
})",
                .eval = [](std::span<const double> x, DType) {
                  const double whole = std::floor(x[0]);
                  return 2 * (0.5 * whole + 0.25 * (x[0] - whole));
                }};
    check_op(
        "mine", [&](const std::vector<Tensor>& x) { return apply(op, x); },
        {{.shape = {5, 21}, .low = -4, .high = 4}}, {.derivatives = 0}, devices());
  }
}

}  // namespace hekla::testing
