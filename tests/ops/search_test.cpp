// searchsorted, bincount, histogram, quantile and median. Expected values are those of NumPy's functions of these names.
#include "ops/search.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/quantile.h"
#include "ops/reduce.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Tensor integers(const std::vector<std::int32_t>& elements) { return tensor(elements); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("searchsorted") {
    const auto sorted = [] { return tensor({1.0, 2, 2, 3, 5}); };
    const auto values = [] { return tensor({0, 2, 2.5, 5, 6, nan, -infinity}); };
    expect([&] { return searchsorted(sorted(), values()); }, {7}, i32, {0, 1, 3, 4, 5, 5, 0});
    expect([&] { return searchsorted(sorted(), values(), Side::right); }, {7}, i32, {0, 3, 3, 5, 5, 5, 0});
    const auto with_nan = [] { return tensor({1, 2, nan, nan}); };
    const auto sought = [] { return tensor({1.5, 5, infinity, nan}, {2, 2}); };
    expect([&] { return searchsorted(with_nan(), sought()); }, {2, 2}, i32, {1, 2, 2, 2});
    expect([&] { return searchsorted(with_nan(), sought(), Side::right); }, {2, 2}, i32, {1, 2, 2, 4});
    expect([] { return searchsorted(integers({-5, 0, 7}), integers({-6, 0, 8})); }, {3}, i32, {0, 1, 3});
    expect(
        [] {
          return searchsorted(tensor(std::vector<std::uint32_t>{1, 3000000000u}),
                              tensor(std::vector<std::uint32_t>{3000000000u}), Side::right);
        },
        {1}, i32, {2});
    // Rows of their own.
    expect(
        [] {
          return searchsorted(tensor({1.0, 2, 3, 10, 20, 30}, {2, 3}), tensor({2.5, 0, 2.5, 99}, {2, 2}));
        },
        {2, 2}, i32, {2, 0, 0, 3});
    expect([] { return searchsorted(zeros({0}), tensor({1.0, 2})); }, {2}, i32, {0, 0});
    expect([] { return searchsorted(tensor({1.0, 2}), 1.5 + zeros({})); }, {}, i32, {1});
  }

  TEST_CASE("bincount") {
    expect([] { return bincount(integers({3, 1, 1, 0, 5}), 6); }, {6}, i32, {1, 2, 0, 1, 0, 1});
    expect([] { return bincount(integers({3, 1, -1, 7, 1}), 3); }, {3}, i32, {0, 2, 0});
    expect([] { return bincount(integers({2, 0, 2}), 3, tensor({0.5, 2, 0.25})); }, {3}, f32, {2, 0, 0.75});
    expect([] { return bincount(zeros({2, 0}, u32), 2); }, {2}, i32, {0, 0});
  }

  TEST_CASE("histogram: the last bin holds the end, nothing outside is counted") {
    const auto x = [] {
      return tensor({0, 0.1, 0.25, 0.25, 0.5, 0.74, 0.75, 1, -0.1, 1.5, 0.999, nan, infinity});
    };
    expect([&] { return histogram(x(), 4, 0, 1).counts; }, {4}, i32, {2, 2, 2, 3});
    expect([&] { return histogram(x(), 4, 0, 1).edges; }, {5}, f32, {0, 0.25, 0.5, 0.75, 1}, 0);
    expect([] { return histogram(arange(1000, f32), 3, -0.5, 999.5).counts; }, {3}, i32, {333, 334, 333});
  }

  TEST_CASE("quantile and median") {
    const auto x = [] { return tensor({3.0, 1, 4, 1, 5, 9, 2, 6}); };
    expect([&] { return quantile(x(), {0, 0.1, 0.25, 0.5, 0.9, 1}); }, {6}, f32, {1, 1, 1.75, 3.5, 6.9, 9});
    expect([&] { return median(x()); }, {}, f32, {3.5});
    const auto matrix = [] { return tensor({3.0, 1, 2, 9, 7, 8, 5, 6, 4}, {3, 3}); };
    expect([&] { return quantile(matrix(), {0.3, 0.75}, {0}); }, {2, 3}, f32, {4.2, 4, 3.2, 7, 6.5, 6});
    expect([&] { return quantile(matrix(), 0.3, {1}, KeepDims::yes); }, {3, 1}, f32, {1.6, 7.6, 4.6});
    expect([&] { return median(matrix()); }, {}, f32, {5});
    expect([&] { return median(matrix(), {-1}); }, {3}, f32, {2, 8, 5});
    expect([] { return median(zeros({}) + 3); }, {}, f32, {3});
    expect([] { return median(tensor({1, nan, 2})); }, {}, f32, {nan});
    // In NumPy NaN, as inf - inf is.
    expect([] { return quantile(tensor({1, infinity, infinity, 2}), 0.9); }, {}, f32, {infinity});
    expect(
        [&] {
          const Tensor at = x();
          return grad(median(at) + 2 * quantile(at, 1), at);
        },
        {8}, f32, {0.5, 0, 0.5, 0, 0, 2, 0, 0});
  }

  TEST_CASE("errors of searching, counting and quantiles") {
    CHECK(error_of([] { searchsorted(zeros({2}), zeros({2}, i32)); }) ==
          "[searchsorted] i32[2] in f32[2]; both must be f32, both i32 or both u32 (see hk::cast).");
    CHECK(error_of([] {
            searchsorted(zeros({2, 3}), zeros({3, 3}));
          }) ==
          "[searchsorted] f32[3,3] in f32[2,3]; what is searched must be a vector, or have the leading axes "
          "of the "
          "values.");
    CHECK(error_of([] { bincount(zeros({2}), 3); }) == "[bincount] f32[2] is not i32 or u32; cast it first.");
    CHECK(error_of([] { bincount(zeros({2}, i32), -1); }) ==
          "[bincount] length -1; it must not be negative.");
    CHECK(error_of([] { bincount(zeros({2}, i32), 3, zeros({3})); }) ==
          "[bincount] weights are f32[3] for i32[2]; they must have its shape and be f32, i32 or u32.");
    CHECK(error_of([] { histogram(zeros({2}, i32), 3, 0, 1); }) ==
          "[histogram] i32[2] is not f32; cast it first.");
    CHECK(error_of([] { histogram(zeros({2}), 0, 0, 1); }) ==
          "[histogram] 0 bins; there must be at least one.");
    CHECK(error_of([] { histogram(zeros({2}), 3, 1, 1); }) ==
          "[histogram] low is 1 and high 1; low must be below high, and both finite.");
    CHECK(error_of([] { histogram(zeros({2}), 3, 0, infinity); }) ==
          "[histogram] low is 0 and high inf; low must be below high, and both finite.");
    CHECK(error_of([] { quantile(zeros({2}), 1.5); }) == "[quantile] q is 1.5; it must be in [0, 1].");
    CHECK(error_of([] { quantile(zeros({2}), std::vector<double>{}); }) ==
          "[quantile] no q; there must be at least one.");
    CHECK(error_of([] { median(zeros({2}, i32)); }) == "[quantile] i32[2] is not f32; cast it first.");
    CHECK(error_of([] {
            median(zeros({2, 0}), {1});
          }) == "[quantile] axis 1 of f32[2,0] has no elements; it must have at least one.");
  }
}

}  // namespace hekla::testing
