// isnan, isinf, isfinite and nan_to_num, of every dtype.
#include "ops/finite.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

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
constexpr double largest = std::numeric_limits<float>::max();

Tensor replaced(const Tensor& x) { return nan_to_num(x); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("isnan, isinf and isfinite") {
    const std::vector<double> x{nan, -nan, infinity, -infinity, 0, -0.0, 1, largest, -largest};
    everywhere(of(isnan), {x}, f32, {1, 1, 0, 0, 0, 0, 0, 0, 0});
    everywhere(of(isinf), {x}, f32, {0, 0, 1, 1, 0, 0, 0, 0, 0});
    everywhere(of(isfinite), {x}, f32, {0, 0, 0, 0, 1, 1, 1, 1, 1});
    everywhere(of(isnan), {{1, -1}}, i32, {0, 0});
    everywhere(of(isinf), {{1, 2}}, u32, {0, 0});
    everywhere(of(isfinite), {{1, -1}}, i32, {1, 1});
    for (const DType half : {f16, bf16}) {
      const auto numbers = [half] { return cast(tensor({nan, 1e39, -1e39, 3}), half); };
      expect([&] { return isnan(numbers()); }, {4}, boolean, {1, 0, 0, 0});
      expect([&] { return isinf(numbers()); }, {4}, boolean, {0, 1, 1, 0});
      expect([&] { return isfinite(numbers()); }, {4}, boolean, {0, 0, 0, 1});
    }
  }

  // As torch.nan_to_num.
  TEST_CASE("nan_to_num") {
    const std::vector<double> x{nan, infinity, -infinity, 2, -0.0, largest};
    everywhere(of(replaced), {x}, f32, {0, largest, -largest, 2, -0.0, largest});
    everywhere([](const Operands& at) { return nan_to_num(at[0], 7, 8, -9); }, {x}, f32,
               {7, 8, -9, 2, -0.0, largest});
    everywhere([](const Operands& at) { return nan_to_num(at[0], 7, {}, -9); }, {x}, f32,
               {7, largest, -9, 2, -0.0, largest});
    everywhere(gradient_of(replaced), {x}, f32, {0, 0, 0, 1, 1, 1});
    everywhere(of(replaced), {{3, -4}}, i32, {3, -4});
    expect(
        [] {
          return nan_to_num(cast(tensor({nan, 1e39, -1e39, 3}), f16));
        },
        {4}, f16, {0, 65504, -65504, 3});
    expect(
        [] {
          return nan_to_num(cast(tensor({nan, infinity, -infinity, 3}), bf16));
        },
        {4}, bf16, {0, 0x1.fep127, -0x1.fep127, 3}, 0);
  }
}

}  // namespace hekla::testing
