// Elementwise functions at infinities, zeros, limits and large arguments, on every device, both loaded from
// memory and folded from constants. Expected values follow C99 (annex F), exact arithmetic and mpmath.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/grad.h"
#include "graph/run/program.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "tests/support/devices.h"
#include "tests/support/everywhere.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double lowest_i32 = -2147483648.0, largest_i32 = 2147483647.0, largest_u32 = 4294967295.0;

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("pow: the table of C99, F.9.4.4") {
    std::vector<double> x, y, expected;
    for (const double base : {0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, infinity, -infinity, nan}) {
      for (const double power : {0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 2.0, -2.0, 0.5, -0.5, 2.5, -1.5, 1e9, -1e9,
                                 infinity, -infinity, nan}) {
        x.push_back(base);
        y.push_back(power);
        expected.push_back(static_cast<float>(std::pow(base, power)));
      }
    }
    // Only zeros of one sign: which sign results is up to a driver's arithmetic.
    for (const double big : {1e30, -1e30}) {
      x.push_back(big);
      y.push_back(2);
      expected.push_back(infinity);
    }
    everywhere(of(pow), {x, y}, f32, expected, 1e-6);
    everywhere([](const Operands& at) { return pow(at[0], -1.5); }, {{0, -0.0, 4, infinity}}, f32,
               {infinity, infinity, 0.125, 0}, 1e-6);
    everywhere([](const Operands& at) { return pow(at[0], 0.5); }, {{0, 4, -infinity, -4}}, f32,
               {0, 2, infinity, nan}, 1e-6);
    everywhere([](const Operands& at) { return pow(at[0], 2.5); }, {{-infinity}}, f32, {infinity});
    everywhere([](const Operands& at) { return grad(sum(pow(at[0], 1.0 / 3)), at[0]); }, {{0, 8}}, f32,
               {infinity, 1.0 / 12}, 1e-6);
  }

  TEST_CASE("modulo and floor_divide: exact however large the quotient") {
    const std::vector<double> a{1e8,      -1e8, 1e10, 5.5, 12345678, 7,      -7,       3e38,
                                -3e38,    1e30, 1,    -1,  1e-20,    -1e-20, 5,        -5,
                                infinity, 1,    nan,  0,   -0.0,     3e38,   16777216, 1.2e-38};
    const std::vector<double> b{7, 7, 3,        0.1,       0.1, 3, -3, 7, 1e-30, 2e-30, infinity, infinity,
                                3, 3, infinity, -infinity, 2,   0, 1,  3, 3,     2e38,  3,        1.5e-38};
    std::vector<double> rest, quotient;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const float p = static_cast<float>(a[i]), q = static_cast<float>(b[i]);
      float r = std::fmod(p, q);
      if (r == 0) r = std::copysign(0.0f, q);
      if (r != 0 && (r < 0) != (q < 0)) r += q;
      rest.push_back(r);
    }
    CHECK(rest[0] == 2);
    CHECK(rest[1] == 5);
    everywhere(of(modulo), {a, b}, f32, rest);
    everywhere(of(floor_divide),
               {{5.5, -7, 7, -1, 1, 1, 0, 1e8, infinity, 12345678, 2.9, -1e-20},
                {0.1, 2, -2, infinity, -infinity, 0, 0, 7, 2, 0.1, 3, 3}},
               f32, {54, -4, -4, -1, -1, infinity, nan, 14285714, nan, 123456776, 0, -1}, 1e-7);
  }

  TEST_CASE("integer division by 0 gives 0, that of the most negative number by -1 itself") {
    const std::vector<double> a{5, -5, 0, 7, -7, lowest_i32, lowest_i32, lowest_i32},
        b{0, 0, 0, 2, 2, -1, 0, 2};
    everywhere(of(divide), {a, b}, i32, {0, 0, 0, 3, -3, lowest_i32, 0, -1073741824});
    everywhere(of(modulo), {a, b}, i32, {0, 0, 0, 1, 1, 0, 0, 0});
    everywhere(of(floor_divide), {a, b}, i32, {0, 0, 0, 3, -4, lowest_i32, 0, -1073741824});
    const std::vector<double> u{7, 0, largest_u32, largest_u32}, v{0, 0, 0, 2};
    everywhere(of(divide), {u, v}, u32, {0, 0, 0, 2147483647});
    everywhere(of(modulo), {u, v}, u32, {0, 0, 0, 1});
    everywhere(of(floor_divide), {u, v}, u32, {0, 0, 0, 2147483647});
  }

  TEST_CASE("cast: floats end where the integers end, NaN is 0; integers keep the low bits") {
    const std::vector<double> x{nan,  infinity,     -infinity, 3e9,  -3e9, 300,
                                -3.7, 2147483648.0, 255.9,     -0.5, 1e38};
    everywhere(
        to(i32), {x}, f32,
        {0, largest_i32, lowest_i32, largest_i32, lowest_i32, 300, -3, largest_i32, 255, 0, largest_i32});
    everywhere(to(u32), {x}, f32, {0, largest_u32, 0, 3e9, 0, 300, 0, 2147483648.0, 255, 0, largest_u32});
    everywhere(to(u8), {x}, f32, {0, 255, 0, 255, 0, 255, 0, 255, 255, 0, 255});
    everywhere(to(boolean), {{nan, 0, -0.0, infinity, 0.25}}, f32, {1, 0, 0, 1, 1});
    everywhere(to(u32), {{-1, lowest_i32, 7}}, i32, {largest_u32, 2147483648.0, 7});
    everywhere(to(u8), {{-1, 256, 257}}, i32, {255, 0, 1});
    everywhere(to(i32), {{largest_u32, 2147483648.0}}, u32, {-1, lowest_i32});
    CHECK(cast(3e9, i32).to_vector<double>()[0] == largest_i32);
    CHECK(cast(-1, u32).to_vector<double>()[0] == largest_u32);
  }

  TEST_CASE("cast: integers beyond 2^24 are rounded in f32, also where that is a double") {
    const ElementwiseFunction there_and_back = [](const Operands& x) { return cast(cast(x[0], f32), i32); };
    everywhere(there_and_back, {{16777217, 16777219, -16777217, 2147483583, 16777215}}, i32,
               {16777216, 16777220, -16777216, 2147483520, 16777215});
  }

  TEST_CASE("round: to even, and zeros keep the sign") {
    const ElementwiseFunction rounded = [](const Operands& x) { return round(x[0]); };
    everywhere(rounded,
               {{-0.3, -0.5, -0.0, 0.0, 0.5, 1.5, 2.5, -1.5, -0.75, infinity, -infinity, nan, 8388609}}, f32,
               {-0.0, -0.0, -0.0, 0, 0, 2, 2, -2, -1, infinity, -infinity, nan, 8388609});
    everywhere([](const Operands& x) { return ceil(x[0]); }, {{-0.3, -1, 0.3}}, f32, {-0.0, -1, 1});
  }

  TEST_CASE("numbers on the host are converted as cast converts them") {
    for (const auto& device : reference_and_device()) {
      const Tensor x = tensor({nan, infinity, -infinity, 3e9, -3.7, 300}) + 0;
      const Tensor i = tensor(std::vector<std::int32_t>{-1, 256}) + 0;
      evaluate({.outputs = {x, i}}, device);
      CHECK(x.to_vector<std::int32_t>() ==
            std::vector<std::int32_t>{0, 2147483647, -2147483647 - 1, 2147483647, -3, 300});
      CHECK(x.to_vector<std::uint32_t>() ==
            std::vector<std::uint32_t>{0, 4294967295u, 0, 3000000000u, 0, 300});
      CHECK(x.to_vector<std::uint8_t>() == std::vector<std::uint8_t>{0, 255, 0, 255, 0, 255});
      CHECK(i.to_vector<std::uint32_t>() == std::vector<std::uint32_t>{4294967295u, 256});
      CHECK(i.to_vector<std::uint8_t>() == std::vector<std::uint8_t>{255, 0});
    }
  }

  // Numbers nearest to multiples of pi / 2, and angles up to the largest, for which std::sin is accurate.
  TEST_CASE("sin and cos: right to two units of every finite angle") {
    std::vector<double> x{3.14159274,
                          1.57079637,
                          688.009,
                          796.394,
                          999.99,
                          1000.01,
                          1e4,
                          1e5,
                          1e6,
                          16777216,
                          1e8,
                          3e9,
                          1e10,
                          1e20,
                          1e30,
                          3e38,
                          3.4028235e38,
                          -3e38,
                          -1e10,
                          5.3e14,
                          1.6e-5,
                          -0.0,
                          6381956970095103.0,
                          2.5e-30,
                          -796.394,
                          4.712389,
                          0x1.b951p+37,
                          51471.9,
                          102943.71};
    everywhere(of(sin), {x}, f32, mapped(x, std::sin), two_units);
    everywhere(of(cos), {x}, f32, mapped(x, std::cos), two_units);
    everywhere(of(tan), {x}, f32, mapped(x, std::tan), 3 * two_units);
    everywhere(of(sin), {{infinity, -infinity, nan}}, f32, {nan, nan, nan});
    everywhere(of(cos), {{infinity, -infinity, nan, 0}}, f32, {nan, nan, nan, 1});
  }

  TEST_CASE("sinh and cosh: to where they overflow, and their gradients near 0") {
    const std::vector<double> x{1e-30, 1e-8, 1e-4, 1e-2, 0.5, 1, 5, 30, 80, 88.8, 89, -89, 89.41};
    everywhere(of(sinh), {x}, f32, mapped(x, std::sinh), 4 * two_units);
    everywhere(of(cosh), {x}, f32, mapped(x, std::cosh), 4 * two_units);
    everywhere(gradient_of(cosh), {x}, f32, mapped(x, std::sinh), 4 * two_units);
    everywhere(gradient_of(sinh), {x}, f32, mapped(x, std::cosh), 4 * two_units);
    everywhere(of(sinh), {{89.5, -89.5, infinity, -infinity, nan, -0.0}}, f32,
               {infinity, -infinity, infinity, -infinity, nan, -0.0});
    everywhere(of(cosh), {{89.5, -89.5, infinity, -infinity, nan, 0}}, f32,
               {infinity, infinity, infinity, infinity, nan, 1});
  }

  TEST_CASE("asin and acos: their gradients at the borders are infinite") {
    everywhere(gradient_of(asin), {{1, -1, 0, 0.6}}, f32, {infinity, infinity, 1, 1.25}, 1e-6);
    everywhere(gradient_of(acos), {{1, -1, 0, 0.6}}, f32, {-infinity, -infinity, -1, -1.25}, 1e-6);
    everywhere(of(asin), {{1.5, -2, nan}}, f32, {nan, nan, nan});
    everywhere(of(acos), {{1.5, -2, nan}}, f32, {nan, nan, nan});
  }
}

}  // namespace hekla::testing
