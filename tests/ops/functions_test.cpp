// Elementwise functions against published tables and exact values, at the extremes, and their gradients where
// formulas lose accuracy.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using Unary = Tensor (*)(const Tensor&);

void expect_values(Unary function, const std::vector<double>& x, const std::vector<double>& expected,
                   double tolerance = 5e-7) {
  expect([&] { return function(tensor(x)); }, {static_cast<std::int64_t>(x.size())}, f32, expected,
         tolerance);
}

void expect_gradients(const std::function<Tensor(const Tensor&)>& function, const std::vector<double>& x,
                      const std::vector<double>& expected, double tolerance = 1e-6) {
  expect(
      [&] {
        const Tensor at = tensor(x);
        return grad(sum(function(at)), at);
      },
      {static_cast<std::int64_t>(x.size())}, f32, expected, tolerance);
}

// Only numbers that f32 represents, so that the operand is not rounded.
void expect_everywhere(Unary function, double (*exact)(double), double range, double tolerance) {
  std::vector<double> x, y;
  for (int i = -2000; i <= 2000; ++i) {
    x.push_back(static_cast<float>(range * i / 2000 + 0.1));
    y.push_back(exact(x.back()));
  }
  expect_values(function, x, y, tolerance);
}

}  // namespace

TEST_SUITE("ops") {
  // Abramowitz, Stegun: Handbook of Mathematical Functions, table 7.1.
  TEST_CASE("erf: the table") {
    expect_values(erf, {0, 0.1, 0.5, 1, 1.5, 2, -0.5, -2},
                  {0, 0.1124629160, 0.5204998778, 0.8427007929, 0.9661051465, 0.9953222650, -0.5204998778,
                   -0.9953222650});
    expect_values(erf, {10, -100, infinity, -infinity}, {1, -1, 1, -1});
    expect([] { return erf(tensor({1e-5})) * 1e5; }, {1}, f32, {1.1283791670579});
  }

  TEST_CASE("erfinv: the inverse of the table, and the ends") {
    expect_values(erfinv, {0, 0.1124629160, 0.5204998778, 0.8427007929, -0.9953222650}, {0, 0.1, 0.5, 1, -2},
                  5e-6);
    expect_values(erfinv, {-1, 1, 1.5}, {-infinity, infinity, nan});
    expect([] { return erfinv(tensor({1e-5})) * 1e5; }, {1}, f32, {0.886226925}, 1e-6);
    const std::vector<double> x{-0.999999, -0.95, -0.3, 1e-3, 0.5, 0.99};
    const std::vector<double> back = reference_values(erf(erfinv(tensor(x))));
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(back[i] == doctest::Approx(x[i]).epsilon(1e-14));
  }

  TEST_CASE("sin and cos keep their accuracy over many turns") {
    expect_everywhere(sin, std::sin, 4, 1.5e-7);
    expect_everywhere(cos, std::cos, 4, 1.5e-7);
    expect_everywhere(sin, std::sin, 10000, 2e-7);
    expect_everywhere(cos, std::cos, 10000, 2e-7);
    expect_everywhere(sin, std::sin, 99000, 2e-6);
    expect_everywhere(cos, std::cos, 99000, 2e-6);
  }

  TEST_CASE("trigonometry") {
    expect_values(tan, {-1, 0, 0.5, 1}, {-1.5574077246549, 0, 0.54630248984379, 1.5574077246549}, 1e-6);
    expect_values(asin, {-1, -0.5, 0, 0.5, 1},
                  {-1.5707963267949, -0.5235987755983, 0, 0.5235987755983, 1.5707963267949});
    expect_values(acos, {-1, -0.5, 0, 0.5, 1},
                  {3.14159265358979, 2.0943951023932, 1.5707963267949, 1.0471975511966, 0});
    // cos(a) = 1 - a^2 / 2 for small a: near 1 the digits of a are those of 1 - x.
    expect([] { return acos(1 - tensor({0x1p-20})) * 1024; }, {1}, f32, {1.4142136747}, 1e-6);
    expect_values(atan, {-infinity, -1000, -1, 0.5, 1, 3},
                  {-1.5707963267949, -1.56979632712823, -0.785398163397448, 0.463647609000806,
                   0.785398163397448, 1.24904577239825});
  }

  TEST_CASE("expm1, log1p, sinh and log keep the digits of small numbers") {
    const auto tiny = [] { return tensor({1e-5, -1e-5}); };
    expect([&] { return expm1(tiny()) * 1e5; }, {2}, f32, {1.00000500001667, -0.999995000016667});
    expect([&] { return log1p(tiny()) * 1e5; }, {2}, f32, {0.999995000033333, -1.00000500003333});
    expect([&] { return sinh(tiny()) * 1e5; }, {2}, f32, {1.0000000000167, -1.0000000000167});
    expect(
        [&] {
          return log(tensor({1 + 0x1p-17, 1 - 0x1p-17})) * 131072;
        },
        {2}, f32, {0.99999618533, -1.00000381472});
    expect_values(expm1, {-infinity, -100, -1, 1}, {-1, -1, -0.632120558828558, 1.71828182845905}, 1e-6);
    expect_values(log1p, {-1, -0.5, 1, 10, infinity},
                  {-infinity, -0.693147180559945, 0.693147180559945, 2.39789527279837, infinity});
    expect_values(sinh, {-1, 0.5, 2, -30},
                  {-1.1752011936438, 0.521095305493747, 3.62686040784702, -5343237290762.23}, 2e-6);
    expect_values(cosh, {-1, 0, 2}, {1.54308063481524, 1, 3.76219569108363}, 1e-6);
  }

  TEST_CASE("softplus and tanh at the extremes") {
    expect_values(
        softplus, {-100, -5, 0, 5, 100, infinity, -infinity},
        {3.720075976e-44, 0.00671534848911807, 0.693147180559945, 5.00671534848912, 100, infinity, 0});
    expect([] { return softplus(tensor({-20.0})) * 4e8; }, {1}, f32, {0.82446144861}, 2e-6);
    expect_gradients(softplus, {-100, 0, 100}, {0, 0.5, 1});
    expect_gradients([](const Tensor& x) { return grad(sum(softplus(x)), x); }, {-100, 0, 100}, {0, 0.25, 0});
    expect_gradients(tanh, {-100, 0, 100}, {0, 1, 0});
    expect_gradients(sigmoid, {-200, 0, 200}, {0, 0.25, 0});
  }

  TEST_CASE("rounding, signs and bounds") {
    expect_values(round, {0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 2.6, -7, 1e10, infinity},
                  {0, 2, 2, 0, -2, 2, 3, -7, 1e10, infinity});
    expect_values(ceil, {0.5, -0.5, 2, -1.25}, {1, 0, 2, -1});
    expect_values(sign, {-3, 0, 5, -infinity, nan}, {-1, 0, 1, -1, nan});
    expect([] { return sign(tensor(std::vector<std::int32_t>{-7, 0, 9})); }, {3}, i32, {-1, 0, 1});
    expect([] { return clip(tensor({-5, -1, 0.5, 2, 9}), -1, 2); }, {5}, f32, {-1, -1, 0.5, 2, 2});
    expect([] { return clip(tensor({nan}), 0, 1); }, {1}, f32, {nan});
    for (const Unary step : {Unary(floor), Unary(ceil), Unary(round), Unary(sign)}) {
      expect_gradients(step, {-1.5, 0, 0.3, 2}, {0, 0, 0, 0});
    }
    expect_gradients([](const Tensor& x) { return x - floor(x); }, {-1.5, 0.3}, {1, 1});
    expect_gradients([](const Tensor& x) { return clip(x, -1, 2); }, {-5, -1, 0, 2, 3}, {0, 1, 1, 1, 0});
    CHECK(error_of([] { clip(tensor({1.0}), 2, 1); }) ==
          "[clip] low is 2 and high 1; low must not be above high.");
  }

  TEST_CASE("pow: negative bases, zeros, and their gradients") {
    const auto power = [](const std::vector<double>& x, const std::vector<double>& y) {
      return [=] { return pow(tensor(x), tensor(y)); };
    };
    expect(power({-8, -2, -2, -2, 0, 0, 0, 4, 1}, {1.0 / 3, 3, 2, -1, 0, 2, -1, -0.5, infinity}), {9}, f32,
           {nan, -8, 4, -0.5, 1, 0, infinity, 0.5, 1}, 1e-6);
    const auto by_base = [](const std::vector<double>& exponents) {
      return [=](const Tensor& x) { return pow(x, tensor(exponents)); };
    };
    expect_gradients(by_base({0, 1, 2, 3, 2, 0.5}), {0, 0, 0, 0, -3, 4}, {0, 1, 0, 0, -6, 0.25});
    const auto second = [&](const Tensor& x) { return grad(sum(by_base({0, 1, 2, 3, 2})(x)), x); };
    expect_gradients(second, {0, 0, 0, 0, -3}, {0, 0, 2, 0, 2});
    const auto by_exponent = [](const std::vector<double>& bases) {
      return [=](const Tensor& y) { return pow(tensor(bases), y); };
    };
    expect_gradients(by_exponent({0, 0, 2}), {0, 2, 1}, {0, 0, 1.3862943611199});
    expect_gradients([](const Tensor& x) { return pow(x, 2); }, {0, -3}, {0, -6});
    expect_gradients([](const Tensor& x) { return pow(x, 0); }, {0}, {0});
  }

  TEST_CASE("whole quotients and exclusive or") {
    expect(
        [] {
          return floor_divide(tensor({7.0, -7, 7, -7}), tensor({2.0, 2, -2, -2}));
        },
        {4}, f32, {3, -4, -4, 3});
    const auto whole = [](const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
      return [=] { return floor_divide(tensor(a), tensor(b)); };
    };
    expect(whole({7, -7, 7, -7, 6, -6, -2147483647 - 1}, {2, 2, -2, -2, -3, -3, 3}), {7}, i32,
           {3, -4, -4, 3, -2, 2, -715827883});
    expect(
        [] {
          return logical_xor(tensor({0.0, 0, 1, 1}) != 0, tensor({0.0, 1, 0, 1}) != 0);
        },
        {4}, boolean, {0, 1, 1, 0});
    expect_gradients([](const Tensor& x) { return x % 3; }, {-4, 7}, {1, 1});
    expect_gradients([](const Tensor& y) { return 7 % y; }, {3, -2}, {-2, 4});
  }

  TEST_CASE("functions of f32 refuse other dtypes") {
    const auto whole = [] { return tensor(std::vector<std::int32_t>{1}); };
    for (const Unary function : {Unary(exp), Unary(sin), Unary(erf), Unary(floor), Unary(softplus)}) {
      CHECK(error_of([&] { function(whole()); }).find("does not take i32[1]; it takes f32 (see hk::cast).") !=
            std::string::npos);
    }
    CHECK(error_of([&] { pow(whole(), whole()); }) ==
          "[pow] does not take i32[1]; it takes f32 (see hk::cast).");
  }
}

}  // namespace hekla::testing
