// cumprod, logcumsumexp, cummax and cummin. Expected values are those of torch.cumprod, torch.logcumsumexp,
// torch.cummax and torch.cummin, and of torch.autograd.grad of their sums weighted by 1, 2, 3, ...
#include "ops/scan.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "tests/support/expect.h"
#include "tests/support/numbers.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using Scan = Tensor (*)(const Tensor&, int);

Tensor largest(const Tensor& x, int axis) { return cummax(x, axis).values; }
Tensor smallest(const Tensor& x, int axis) { return cummin(x, axis).values; }

std::function<Tensor()> gradient(Scan scan, const std::vector<double>& elements) {
  return [=] {
    const Tensor x = tensor(elements);
    return grad(sum(scan(x, 0) * (1 + arange(x.count(), f32))), x);
  };
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("cumprod, also of zeros") {
    const std::vector<double> x{2, 0, 3, -1, 0, 5};
    expect([&] { return cumprod(tensor(x)); }, {6}, f32, {2, 0, 0, 0, 0, 0});
    expect(gradient(cumprod, x), {6}, f32, {1, -2, 0, 0, 0, 0});
    expect(
        [] {
          return cumprod(tensor({1.0, 2, 3, 4, 5, 6}, {2, 3}), 0);
        },
        {2, 3}, f32, {1, 2, 3, 4, 10, 18});
    expect([] { return cumprod(tensor({2, infinity, 0, 1})); }, {4}, f32, {2, infinity, nan, nan});
    expect(
        [] {
          return cumprod(tensor(std::vector<std::int32_t>{65536, 65536, 3}));
        },
        {3}, i32, {65536, 0, 0});
    // Many blocks of blocks.
    std::vector<double> signs;
    for (int i = 0; i < 700; ++i) signs.push_back(i / 3 % 2 == 0 ? 1 : -1);
    expect([] { return cumprod(where(iota({700}, 0) % 3 == 0 && iota({700}, 0) > 0, -1.0, 1.0)); }, {700},
           f32, signs, 0);
  }

  TEST_CASE("logcumsumexp never overflows") {
    const std::vector<double> x{0.5, -1, 3, 2, 1000, 999.5};
    expect([&] { return logcumsumexp(tensor(x)); }, {6}, f32,
           {0.5, 0.7014132779827524, 3.0956743294143823, 3.38409170128869, 1000.0, 1000.4740769841801});
    expect(gradient(logcumsumexp, x), {6}, f32,
           {3.082557805452339, 0.464681456648943, 5.45055565043026, 1.0022050874684592, 8.734755987211052,
            2.265244012788884},
           1e-4);
    expect(
        [] {
          return logcumsumexp(tensor({-infinity, -infinity, 1, 2, infinity, infinity, nan, 1}));
        },
        {8}, f32, {-infinity, -infinity, 1, 2.3132616875182226, infinity, infinity, nan, nan});
    // In PyTorch NaN for the first two.
    expect(gradient(logcumsumexp, {-infinity, -infinity, 1, 2}), {4}, f32,
           {0, 0, 3 + 4 * 0.2689414213699951, 4 * 0.7310585786300049});
    std::vector<double> logarithms;
    for (int i = 1; i <= 300; ++i) logarithms.push_back(std::log(i));
    expect([] { return logcumsumexp(iota({300}, 0, f32) * 0); }, {300}, f32, logarithms, 2e-6);
  }

  TEST_CASE("cummax and cummin: the last of equals, NaN from the first on") {
    const std::vector<double> x{0.5, 2, 2, 1, 3, -1};
    expect([&] { return largest(tensor(x), 0); }, {6}, f32, {0.5, 2, 2, 2, 3, 3});
    expect([&] { return cummax(tensor(x)).indices; }, {6}, i32, {0, 1, 2, 2, 4, 4});
    expect(gradient(largest, x), {6}, f32, {1, 2, 7, 0, 11, 0});
    expect([&] { return smallest(tensor(x), 0); }, {6}, f32, {0.5, 0.5, 0.5, 0.5, 0.5, -1});
    expect([&] { return cummin(tensor(x)).indices; }, {6}, i32, {0, 0, 0, 0, 0, 5});
    expect(gradient(smallest, x), {6}, f32, {15, 0, 0, 0, 0, 6});
    expect(
        [] {
          return largest(tensor({1, 3, 3, nan, 5, nan, 2}), 0);
        },
        {7}, f32, {1, 3, 3, nan, nan, nan, nan});
    expect([] { return cummax(tensor({1, 3, 3, nan, 5, nan, 2})).indices; }, {7}, i32, {0, 1, 2, 3, 3, 5, 5});
    expect([] { return cummin(tensor({1, 3, nan, 0, nan})).indices; }, {5}, i32, {0, 0, 2, 2, 4});
    expect([] { return cummax(tensor({-infinity, -infinity, infinity})).indices; }, {3}, i32, {0, 1, 2});
    expect(
        [] {
          return smallest(tensor(std::vector<std::int32_t>{5, -2147483647 - 1, 7}), 0);
        },
        {3}, i32, {5, -2147483648.0, -2147483648.0});
    expect(
        [] {
          return cummin(tensor(std::vector<std::uint32_t>{5, 4294967295u, 0})).indices;
        },
        {3}, i32, {0, 0, 2});
    expect(
        [] {
          return cummax(tensor({1.0, 5, 2, 3, 4, 6}, {3, 2}), 0).indices;
        },
        {3, 2}, i32, {0, 0, 1, 0, 2, 2});
  }

  TEST_CASE("cummax of many blocks is that of the elements one by one") {
    const std::vector<double> x = numbers({700}, 0.618033988).to_vector<double>();
    std::vector<double> values, indices;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const bool is_largest = i == 0 || x[i] >= values.back();
      values.push_back(is_largest ? x[i] : values.back());
      indices.push_back(is_largest ? static_cast<double>(i) : indices.back());
    }
    expect([&] { return cummax(tensor(x)).values; }, {700}, f32, values);
    expect([&] { return cummax(tensor(x)).indices; }, {700}, i32, indices);
  }

  TEST_CASE("errors of cumulative products and extremes") {
    CHECK(error_of([] { cumprod(zeros({2}, boolean)); }) ==
          "[cumprod] does not take bool[2]; it takes f32, i32 or u32 (see hk::cast).");
    CHECK(error_of([] { cummax(zeros({2}, u8)); }) ==
          "[cummax] does not take u8[2]; it takes f32, i32 or u32 (see hk::cast).");
    CHECK(error_of([] { cummin(zeros({2}, f16)); }) ==
          "[cummin] does not take f16[2]; it takes f32, i32 or u32 (see hk::cast).");
    CHECK(error_of([] { logcumsumexp(zeros({2}, i32)); }) ==
          "[logcumsumexp] i32[2] is not f32; cast it first.");
    CHECK(error_of([] { cumprod(zeros({2}), 1); }) ==
          "[cumprod] axis 1 does not exist; a tensor of rank 1 has axes -1 to 0.");
    CHECK(error_of([] {
            cummax(zeros({65536, 65536}));
          }) == "[cummax] 4294967296 elements of f32[65536,65536]; positions are counted in i32.");
  }
}

}  // namespace hekla::testing
