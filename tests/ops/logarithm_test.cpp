// Logarithms, inverse hyperbolic functions, atan2, hypot and remainders, where they are exact and at their borders.
// Expected values are those of C's functions in double precision.
#include "ops/logarithm.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "tests/support/everywhere.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double pi = std::numbers::pi;

// The gradients of a function of two operands by the first and by the second.
ElementwiseFunction gradient_of(Tensor (*function)(const Tensor&, const Tensor&), std::size_t operand) {
  return [=](const Operands& x) { return grad(sum(function(x[0], x[1])), x[operand]); };
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("log2 and exp2 of powers of two are exact") {
    std::vector<double> powers, whole;
    for (int n = -126; n < 128; n += 11) {
      whole.push_back(n);
      powers.push_back(std::ldexp(1.0, n));
    }
    everywhere(of(log2), {powers}, f32, whole);
    everywhere(of(exp2), {whole}, f32, powers);
  }

  TEST_CASE("log10 of powers of ten") {
    everywhere(of(log10), {{1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10}}, f32,
               {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  }

  TEST_CASE("log2, log10 and exp2 to two units") {
    const std::vector<double> x{1e-37, 3e-20, 0.01, 0.5001, 0.7, 0.71, 0.999, 1.0001,
                                1.3,   1.414, 1.42, 3,      77,  1e10, 3e38};
    everywhere(of(log2), {x}, f32, mapped(x, std::log2), two_units);
    everywhere(of(log10), {x}, f32, mapped(x, std::log10), two_units);
    const std::vector<double> y{-125.9,  -30.3, -1.5,    -0.5, -1e-5, 1e-20,
                                0.49999, 0.5,   0.50001, 1.7,  20.6,  127.9};
    everywhere(of(exp2), {y}, f32, mapped(y, std::exp2), two_units);
    for (Tensor (*const logarithm)(const Tensor&) : {&log2, &log10}) {
      everywhere(of(logarithm), {{0, -0.0, -1, infinity, -infinity, nan, 1}}, f32,
                 {-infinity, -infinity, nan, infinity, nan, nan, 0});
    }
    everywhere(of(exp2), {{infinity, -infinity, nan, 128, -200, 0, -0.0}}, f32,
               {infinity, 0, nan, infinity, 0, 1, 1});
    everywhere(gradient_of(log2), {{8}}, f32, {1 / (8 * std::numbers::ln2)}, two_units);
  }

  TEST_CASE("inverse hyperbolic functions to six units") {
    const std::vector<double> x{1e-30, -1e-8, 1e-3, -0.3, 0.5, 0.51, -1, 3, -50, 0.9e9, 1.1e9, 1e20, -3e38};
    everywhere(of(asinh), {x}, f32, mapped(x, std::asinh), 3 * two_units);
    everywhere(of(asinh), {{0, -0.0, infinity, -infinity, nan}}, f32, {0, -0.0, infinity, -infinity, nan});
    const std::vector<double> above{1, 1.0000001, 1.001, 1.1, 1.5, 2, 77, 0.9e9, 1.1e9, 1e20, 3e38};
    everywhere(of(acosh), {above}, f32, mapped(above, std::acosh), 3 * two_units);
    everywhere(of(acosh), {{0.999, -5, -infinity, infinity, nan}}, f32, {nan, nan, nan, infinity, nan});
    const std::vector<double> within{1e-30, -1e-8, 1e-3, -0.2, 0.3, -0.5, 0.9, -0.9999, 0.99999994};
    everywhere(of(atanh), {within}, f32, mapped(within, std::atanh), 3 * two_units);
    everywhere(of(atanh), {{0, -0.0, 1, -1, 1.5, -2, infinity, nan}}, f32,
               {0, -0.0, infinity, -infinity, nan, nan, nan, nan});
    everywhere(gradient_of(asinh), {{0, 3e37, -3e37}}, f32, {1, 1 / 3e37, 1 / 3e37}, 1e-6);
    everywhere(gradient_of(acosh), {{1, 1.25, 1e30}}, f32, {infinity, 4.0 / 3, 1e-30}, 1e-6);
    everywhere(gradient_of(atanh), {{1, -1, 0.6}}, f32, {infinity, infinity, 1 / 0.64}, 1e-6);
  }

  TEST_CASE("atan2: quadrants, and the table of C99, F.9.1.4") {
    std::vector<double> y, x, angles;
    for (const double b : {0.0, -0.0, 1.0, -2.5, 1e-30, 3e38, infinity, -infinity, nan}) {
      for (const double a : {0.0, -0.0, 1.0, -1.5, -1e-30, -3e38, infinity, -infinity, nan}) {
        y.push_back(static_cast<float>(b));
        x.push_back(static_cast<float>(a));
        const double angle = std::atan2(y.back(), x.back());
        // A number too small to be normal may be 0 on a device.
        if (angle != 0 && std::fabs(angle) < 1.2e-38) {
          y.pop_back();
          x.pop_back();
        } else {
          angles.push_back(angle);
        }
      }
    }
    everywhere(of(atan2), {y, x}, f32, angles, 3 * two_units);
    CHECK(angles[1] == pi);
    everywhere(gradient_of(atan2, 0), {{0, 3, 3e30}, {0, 4, 4e30}}, f32, {0, 4.0 / 25, 4e-30 / 25}, 1e-6);
    everywhere(gradient_of(atan2, 1), {{0, 3, 3e30}, {0, 4, 4e30}}, f32, {-0.0, -3.0 / 25, -3e-30 / 25},
               1e-6);
  }

  TEST_CASE("hypot neither overflows nor underflows") {
    everywhere(of(hypot),
               {{3, -3, 3e30, 3e-30, 2e38, 0, -0.0, 1e-37, 1, 3e38, infinity, nan, -infinity, nan, 1},
                {4, 4, -4e30, 4e-30, 2e38, 0, -0.0, 0, 1e-30, 3e38, nan, -infinity, 1, 1, nan}},
               f32,
               {5, 5, 5e30, 5e-30, 2e38 * std::numbers::sqrt2, 0, 0, 1e-37, 1, infinity, infinity, infinity,
                infinity, nan, nan},
               2 * two_units);
    everywhere(gradient_of(hypot, 0), {{0, 3, -3e30}, {0, 4, 4e30}}, f32, {0, 0.6, -0.6}, 1e-6);
    everywhere(gradient_of(hypot, 1), {{0, 3, 3e-30}, {0, 4, 4e-30}}, f32, {0, 0.8, 0.8}, 1e-6);
  }

  TEST_CASE("trunc and frac keep the sign") {
    const std::vector<double> x{1.75, -1.75, 0.5, -0.5, 0, -0.0, 8388609, infinity, -infinity, nan};
    everywhere(of(trunc), {x}, f32, {1, -1, 0, -0.0, 0, -0.0, 8388609, infinity, -infinity, nan});
    // x - trunc(x) of -0 is 0, in PyTorch, too.
    everywhere(of(frac), {x}, f32, {0.75, -0.75, 0.5, -0.5, 0, 0, 0, nan, nan, nan});
  }

  TEST_CASE("fmod: exact however large the quotient, with the sign of the dividend") {
    const std::vector<double> a{7,    -7,   7,    -7,    6,    -6,       5.5,       -5.5, 1e8,
                                -1e8, 1e10, 3e38, -3e38, 1e30, -1e30,    1,         -1,   infinity,
                                1,    nan,  -0.0, 1e-20, 1,    12345678, -12345678, 2.9,  -2.9};
    const std::vector<double> b{3,     3,        -3,        -3, -3, 3, 0.1, 0.1, 7,   7,   3,   7, -7, 2e-30,
                                2e-30, infinity, -infinity, 2,  0,  1, 3,   3,   nan, 0.1, 0.1, 3, 3};
    std::vector<double> rest;
    for (std::size_t i = 0; i < a.size(); ++i)
      rest.push_back(std::fmod(static_cast<float>(a[i]), static_cast<float>(b[i])));
    CHECK(rest[1] == -1);
    everywhere(of(fmod), {a, b}, f32, rest);
    everywhere(gradient_of(fmod, 1), {{7, -7, 2}, {3, 3, 3}}, f32, {-2, 2, -0.0});
    // As np.fmod and np.remainder of integers.
    everywhere(of(fmod), {{7, -7, 7, -7, 6, 5, -2147483648.0}, {3, 3, -3, -3, -3, 0, -1}}, i32,
               {1, -1, 1, -1, 0, 0, 0});
    everywhere(of(fmod), {{7, 4294967295.0, 5}, {3, 10, 0}}, u32, {1, 5, 0});
    everywhere(of(remainder), {{7, -7, 7, -7}, {3, 3, -3, -3}}, f32, {1, 2, -2, -1});
    everywhere(of(remainder), {{7, -7, 7, -7}, {3, 3, -3, -3}}, i32, {1, 2, -2, -1});
  }

  TEST_CASE("reciprocal") {
    everywhere(of(reciprocal), {{4, -0.5, 0, -0.0, infinity, -infinity, nan}}, f32,
               {0.25, -2, infinity, -infinity, 0, -0.0, nan});
    CHECK(error_of([] { reciprocal(zeros({2}, i32)); }) ==
          "[divide] does not take i32[2]; it takes f32 (see hk::cast).");
  }

  TEST_CASE("errors of the functions of f32") {
    for (Tensor (*const function)(const Tensor&) : {&log2, &log10, &exp2, &asinh, &acosh, &atanh})
      CHECK(error_of([&] {
              function(zeros({2}, i32));
            }).ends_with("does not take i32[2]; it takes f32 (see hk::cast)."));
    CHECK(error_of([] { atan2(zeros({2}, i32), 1); }) ==
          "[atan2] does not take i32[2]; it takes f32 (see hk::cast).");
    CHECK(error_of([] { hypot(zeros({2}), zeros({3})); }) ==
          "[hypot] shapes [2] and [3] do not broadcast; axes are aligned from the last, and each pair must "
          "be equal or "
          "contain a 1.");
    CHECK(error_of([] { fmod(zeros({2}, u8), zeros({2}, u8)); }) ==
          "[fmod] does not take u8[2]; it takes f32, i32 or u32 (see hk::cast).");
  }
}

}  // namespace hekla::testing
