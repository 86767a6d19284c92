// Statistics, products, any, all and running sums against NumPy's results.
#include "ops/statistics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/scan.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor square_of_six() { return tensor({1.0, 2, 3, 4, 5, 7}, {2, 3}); }

Tensor gradient(const std::function<Tensor(const Tensor&)>& function, const Tensor& x) {
  return grad(sum(function(x)), x);
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("prod") {
    expect([] { return prod(square_of_six()); }, {}, f32, {840});
    expect([] { return prod(square_of_six(), {0}); }, {3}, f32, {4, 10, 21});
    expect([] { return prod(square_of_six(), {1}, KeepDims::yes); }, {2, 1}, f32, {6, 140});
    expect([] { return prod(tensor(std::vector<double>{}, {0, 2}), {0}); }, {2}, f32, {1, 1});
    expect([] { return prod(tensor(std::vector<std::int32_t>{65536, 65536, -3})); }, {}, i32, {0});
    const auto by_product = [](const Tensor& x) { return prod(x); };
    expect([&] { return gradient(by_product, tensor({2.0, 0, 5})); }, {3}, f32, {0, 10, 0});
    expect([&] { return gradient(by_product, tensor({2.0, 0, 0})); }, {3}, f32, {0, 0, 0});
    // d2/dx0 dx1 of x0 x1 x2 at (0, 0, 5), and d2/dx0 dx2.
    expect(
        [&] {
          const Tensor x = tensor({0.0, 0, 5});
          return gradient(
              [&](const Tensor& at) {
                return gradient(by_product, at) * tensor({1.0, 0, 0});
              },
              x);
        },
        {3}, f32, {0, 5, 0});
    CHECK(error_of([] { prod(zeros({2}, boolean)); }) ==
          "[prod] does not take bool[2]; it takes f32, i32 or u32 (see hk::cast).");
  }

  TEST_CASE("any and all") {
    const auto x = [] { return tensor({0.0, 0, 1, 1, 0, 2}, {3, 2}); };
    expect([&] { return any(x(), {1}); }, {3}, boolean, {0, 1, 1});
    expect([&] { return all(x(), {1}); }, {3}, boolean, {0, 1, 0});
    expect([&] { return any(x()); }, {}, boolean, {1});
    expect([] { return any(zeros({0, 2}), {0}); }, {2}, boolean, {0, 0});
    expect([] { return all(zeros({0, 2}), {0}, KeepDims::yes); }, {1, 2}, boolean, {1, 1});
  }

  TEST_CASE("argmin: the first of equals") {
    expect([] { return argmin(tensor({3.0, 1, 1, 2, -2, -2}, {2, 3})); }, {2}, i32, {1, 1});
    expect([] { return argmin(tensor(std::vector<std::uint32_t>{5, 4294967295u, 0}), 0); }, {}, i32, {2});
    CHECK(error_of([] {
            argmin(zeros({2, 0}));
          }) == "[argmin] axis 1 of f32[2,0] has no elements; it must have at least one.");
    CHECK(error_of([] {
            argmax(zeros({2, 0}));
          }) == "[argmax] axis 1 of f32[2,0] has no elements; it must have at least one.");
  }

  TEST_CASE("variance and std") {
    expect([] { return variance(square_of_six(), {1}); }, {2}, f32, {2.0 / 3, 14.0 / 9});
    expect([] { return variance(square_of_six(), {1}, KeepDims::yes, 1); }, {2, 1}, f32, {1, 7.0 / 3});
    expect([] { return std(square_of_six(), {1}, KeepDims::no, 1); }, {2}, f32, {1, std::sqrt(7.0 / 3)});
    // A device's mean may be off by half a unit in the last place, 2^-5; the square of that is added.
    expect([] { return variance(tensor({1e6 + 1, 1e6 + 2, 1e6 + 3})); }, {}, f32, {2.0 / 3}, 1e-3);
    expect(
        [] {
          return gradient([](const Tensor& x) { return std(x); }, tensor({3.0, 3, 3}));
        },
        {3}, f32, {0, 0, 0});
    CHECK(error_of([] {
            variance(ones({3, 1}), {1}, KeepDims::no, 1);
          }) == "[variance] 1 elements of f32[3,1] and correction 1; there must be more elements than that.");
    CHECK(error_of([] { variance(ones({2}, i32)); }) == "[variance] i32[2] is not f32; cast it first.");
  }

  TEST_CASE("mean, variance and std of equal numbers") {
    const auto equals = [](std::int64_t count) {
      return zeros({2, count}) + tensor({-0.548100709915161133});
    };
    for (const std::int64_t count : {3, 27, 1000, 70'000}) {
      expect([&] { return moments(equals(count), {1}).mean; }, {2}, f32,
             {-0.548100709915161133, -0.548100709915161133}, 0);
      expect([&] { return moments(equals(count), {1}, KeepDims::yes).variance; }, {2, 1}, f32, {0, 0}, 0);
      expect([&] { return variance(equals(count)); }, {}, f32, {0}, 0);
      expect([&] { return std(equals(count), {1}, KeepDims::no, 1); }, {2}, f32, {0, 0}, 0);
    }
    expect([] { return moments(square_of_six(), {1}).mean; }, {2}, f32, {2, 16.0 / 3});
    expect([] { return moments(tensor({infinity, 1}), {0}).mean; }, {}, f32, {infinity});
    expect([] { return moments(tensor({1, infinity}), {0}).mean; }, {}, f32, {infinity});
    expect([] { return moments(tensor({std::nan(""), 1}), {0}).mean; }, {}, f32, {std::nan("")});
    CHECK(error_of([] { moments(zeros({2, 0}), {1}); }) == "[moments] f32[2,0] has no elements to average.");
  }

  TEST_CASE("logsumexp") {
    expect([] { return logsumexp(tensor({1.0, 2, 3})); }, {}, f32, {3.40760596444438});
    expect(
        [] {
          return logsumexp(tensor({1000.0, 1000, -1000, -1000}, {2, 2}), {1});
        },
        {2}, f32, {1000.69314718056, -999.306852819440});
    expect(
        [] {
          return logsumexp(tensor({-infinity, -infinity, 5, -infinity, 5, infinity}, {3, 2}), {1});
        },
        {3}, f32, {-infinity, 5, infinity});
    expect(
        [] {
          return gradient([](const Tensor& x) { return logsumexp(x); }, tensor({1000.0, 1000, 0}));
        },
        {3}, f32, {0.5, 0.5, 0});
  }

  TEST_CASE("norm") {
    const auto x = [] { return tensor({3.0, -4, 0, 0, -1, 1}, {3, 2}); };
    expect([&] { return norm(x(), 2, {1}); }, {3}, f32, {5, 0, std::sqrt(2.0)});
    expect([&] { return norm(x(), 1, {1}, KeepDims::yes); }, {3, 1}, f32, {7, 0, 2});
    expect([&] { return norm(x(), infinity, {0}); }, {2}, f32, {3, 4});
    expect([&] { return gradient([](const Tensor& at) { return norm(at, 2, {1}); }, x()); }, {3, 2}, f32,
           {0.6, -0.8, 0, 0, -std::sqrt(0.5), std::sqrt(0.5)});
    CHECK(error_of([&] { norm(x(), 3); }) == "[norm] order is 3; it must be 1, 2 or infinity.");
  }

  TEST_CASE("cumsum") {
    expect([] { return cumsum(square_of_six()); }, {2, 3}, f32, {1, 3, 6, 4, 9, 16});
    expect([] { return cumsum(square_of_six(), 0); }, {2, 3}, f32, {1, 2, 3, 5, 7, 10});
    expect([] { return cumsum(tensor({1, infinity, 1})); }, {3}, f32, {1, infinity, infinity});
    expect(
        [] {
          return cumsum(tensor(std::vector<std::uint32_t>{4294967295u, 2, 5}));
        },
        {3}, u32, {4294967295.0, 1, 6});
    std::vector<double> sums(1000);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = static_cast<double>(i * (i + 1) / 2);
    expect([] { return cumsum(arange(1000)); }, {1000}, i32, sums);
    CHECK(error_of([] { cumsum(zeros({2}, boolean)); }) ==
          "[cumsum] does not take bool[2]; it takes f32, i32 or u32 (see hk::cast).");
  }
}

}  // namespace hekla::testing
