// Tensors as text, in NumPy's layout. What is expected is what numpy.array2string of NumPy 2.4 prints.
#include "graph/format.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>
#include <sstream>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/view.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

template <class T>
std::string printed(const T& x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

}  // namespace

TEST_SUITE("graph") {
  TEST_CASE("printing: floats with as many digits as give them back, points below each other") {
    CHECK(printed(tensor({1, 2.5, 3, 1.0 / 3}, {2, 2})) ==
          "[[1.         2.5       ]\n"
          " [3.         0.33333334]] f32[2,2]");
    CHECK(printed(tensor({1e-5, 2, -300})) == "[ 1.e-05  2.e+00 -3.e+02] f32[3]");
    CHECK(printed(tensor({123456, 0.001})) == "[1.23456e+05 1.00000e-03] f32[2]");
    CHECK(printed(tensor({2.5}, {})) == "2.5 f32[]");
    CHECK(printed(cast(tensor({0.1, 1.0 / 3, 65504}), f16)) == "[9.998e-02 3.333e-01 6.550e+04] f16[3]");
    constexpr double nan = std::numeric_limits<double>::quiet_NaN(),
                     inf = std::numeric_limits<double>::infinity();
    CHECK(printed(tensor({nan, inf, -inf, -0.0, 1})) == "[ nan  inf -inf  -0.   1.] f32[5]");
  }

  TEST_CASE("printing: integers, booleans, nothing") {
    CHECK(printed(reshape(arange(24), {2, 3, 4})) ==
          "[[[ 0  1  2  3]\n  [ 4  5  6  7]\n  [ 8  9 10 11]]\n\n"
          " [[12 13 14 15]\n  [16 17 18 19]\n  [20 21 22 23]]] i32[2,3,4]");
    CHECK(printed(tensor(std::vector<std::int32_t>{-1, 10, 200})) == "[ -1  10 200] i32[3]");
    CHECK(printed(counted({1, 2}) < 1) == "[[ True False]] bool[1,2]");
    CHECK(printed(zeros({0, 3})) == "[] f32[0,3]");
    CHECK(printed(Tensor()) == "Tensor()");
    CHECK(printed(input("x", {2, 3}) * 2) == "f32[2,3]");
  }

  TEST_CASE("printing: long rows are wrapped, large tensors summarized") {
    CHECK(printed(arange(0.0, 30.0) / 8) ==
          "[0.    0.125 0.25  0.375 0.5   0.625 0.75  0.875 1.    1.125 1.25  1.375\n"
          " 1.5   1.625 1.75  1.875 2.    2.125 2.25  2.375 2.5   2.625 2.75  2.875\n"
          " 3.    3.125 3.25  3.375 3.5   3.625] f32[30]");
    CHECK(printed(reshape(arange(2000), {40, 50})) ==
          "[[   0    1    2 ...   47   48   49]\n"
          " [  50   51   52 ...   97   98   99]\n"
          " [ 100  101  102 ...  147  148  149]\n"
          " ...\n"
          " [1850 1851 1852 ... 1897 1898 1899]\n"
          " [1900 1901 1902 ... 1947 1948 1949]\n"
          " [1950 1951 1952 ... 1997 1998 1999]] i32[40,50]");
    CHECK(to_string(arange(9), {.threshold = 5, .edgeitems = 1}) == "[0 ... 8] i32[9]");
    CHECK(to_string(arange(9), {.linewidth = 8}) == "[0 1 2\n 3 4 5\n 6 7 8] i32[9]");
  }

  TEST_CASE("printing: through fmt, with a precision") {
    const Tensor x = tensor({1, 2.5, 3, 1.0 / 3}, {2, 2});
    CHECK(fmt::format("{:.3}", x) == "[[1.    2.5  ]\n [3.    0.333]] f32[2,2]");
    CHECK(fmt::format("{}, {} {}", x, x.shape(), x.dtype()) == printed(x) + ", [2,2] f32");
    CHECK_THROWS_AS(static_cast<void>(fmt::format(fmt::runtime("{:q}"), x)), fmt::format_error);
    CHECK(printed(x.shape()) + printed(x.dtype()) == "[2,2]f32");
  }

  TEST_CASE("printing: what the device holds") {
    if (!device()) return;
    Tensor x = variable(zeros({3})) + 0.5;
    evaluate({.outputs = {x}}, device());
    CHECK(printed(x) == "[0.5 0.5 0.5] f32[3]");
  }
}

}  // namespace hekla::testing
