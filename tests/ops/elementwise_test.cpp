// Elementwise operations at the values where implementations differ: signs, overflow, ties, infinities, NaN.
#include "ops/elementwise.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "ops/create.h"
#include "ops/reduce.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using Binary = Tensor (*)(const Tensor&, const Tensor&);

void expect_f32(Binary op, const std::vector<double>& a, const std::vector<double>& b,
                const std::vector<double>& expected) {
  expect([&] { return op(tensor(a), tensor(b)); }, {static_cast<std::int64_t>(a.size())}, f32, expected);
}

void expect_i32(Binary op, const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b,
                const std::vector<double>& expected) {
  expect([&] { return op(tensor(a), tensor(b)); }, {static_cast<std::int64_t>(a.size())}, i32, expected);
}

void expect_u32(Binary op, const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b,
                const std::vector<double>& expected) {
  expect([&] { return op(tensor(a), tensor(b)); }, {static_cast<std::int64_t>(a.size())}, u32, expected);
}

void expect_truth(Binary op, const std::vector<double>& expected) {
  expect(
      [&] {
        return op(tensor({1, 2, 2, nan, nan, infinity}), tensor({2, 1, 2, 1, nan, infinity}));
      },
      {6}, boolean, expected);
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("modulo has the sign of the divisor, as Python's") {
    expect_f32(modulo, {7, -7, 7, -7, 6, -6, 0.5}, {3, 3, -3, -3, 3, 3, 3}, {1, 2, -2, -1, 0, 0, 0.5});
    expect_i32(modulo, {7, -7, 7, -7, 6, -6, 0, 2147483647}, {3, 3, -3, -3, 3, 3, -3, 2},
               {1, 2, -2, -1, 0, 0, 0, 1});
    expect_u32(modulo, {7, 4294967295u, 3}, {3, 10, 4294967295u}, {1, 5, 3});
  }

  TEST_CASE("integer division truncates toward zero") {
    expect_i32(divide, {7, -7, 7, -7, 6}, {2, 2, -2, -2, 3}, {3, -3, -3, 3, 2});
    expect_u32(divide, {7, 4294967295u}, {2, 2}, {3, 2147483647});
  }

  TEST_CASE("integers wrap around") {
    expect_i32(add, {2147483647, -2147483647}, {1, -2}, {-2147483648.0, 2147483647});
    expect_i32(subtract, {-2147483647, 0}, {2, 5}, {2147483647, -5});
    expect_i32(multiply, {65536, 123456789, -3}, {65536, 987654321, 5}, {0, -67153019, -15});
    expect_u32(add, {4294967295u}, {1}, {0});
    expect_u32(subtract, {0}, {1}, {4294967295.0});
    expect_u32(multiply, {65537, 4294967295u}, {65537, 4294967295u}, {131073, 1});
    expect(
        [] {
          return -tensor(std::vector<std::int32_t>{5, -2147483647 - 1});
        },
        {2}, i32, {-5, -2147483648.0});
  }

  TEST_CASE("maximum and minimum") {
    expect_f32(maximum, {1, 5, -2, infinity}, {2, 3, -2, 0}, {2, 5, -2, infinity});
    expect_f32(minimum, {1, 5, -2, -infinity}, {2, 3, -2, 0}, {1, 3, -2, -infinity});
    expect_i32(minimum, {1, -2147483647 - 1, 7}, {2, 0, -7}, {1, -2147483648.0, -7});
    expect_u32(maximum, {1, 4294967295u}, {2, 0}, {2, 4294967295.0});
    expect_u32(minimum, {1, 4294967295u}, {2, 0}, {1, 0});
  }

  TEST_CASE("comparisons: every one with NaN is false but !=") {
    expect_truth(less, {1, 0, 0, 0, 0, 0});
    expect_truth(less_equal, {1, 0, 1, 0, 0, 1});
    expect_truth(greater, {0, 1, 0, 0, 0, 0});
    expect_truth(greater_equal, {0, 1, 1, 0, 0, 1});
    expect_truth(equal, {0, 0, 1, 0, 0, 1});
    expect_truth(not_equal, {1, 1, 0, 1, 1, 0});
    expect([] { return tensor(std::vector<std::uint32_t>{3000000000u}) < 4000000000u; }, {1}, boolean, {1});
    expect([] { return tensor(std::vector<std::int32_t>{-1}) < 1; }, {1}, boolean, {1});
  }

  TEST_CASE("logic") {
    const auto a = [] { return tensor({0.0, 0, 1, 1}) != 0; };
    const auto b = [] { return tensor({0.0, 1, 0, 1}) != 0; };
    expect([&] { return a() && b(); }, {4}, boolean, {0, 0, 0, 1});
    expect([&] { return a() || b(); }, {4}, boolean, {0, 1, 1, 1});
    expect([&] { return !a(); }, {4}, boolean, {1, 1, 0, 0});
    expect([&] { return where(a(), tensor({1.0, 2, 3, 4}), -1); }, {4}, f32, {-1, -1, 3, 4});
  }

  TEST_CASE("functions at the ends of their domains") {
    expect([] { return sqrt(tensor({0, 4, infinity})); }, {3}, f32, {0, 2, infinity});
    expect(
        [] {
          return exp(tensor({0, 1, -infinity, 1000}));
        },
        {4}, f32, {1, 2.718281828459045, 0, infinity}, 1e-5);
    expect(
        [] {
          return log(tensor({1, 2.718281828459045, 0, infinity}));
        },
        {4}, f32, {0, 1, -infinity, infinity}, 1e-5);
    expect([] { return floor(tensor({1.5, -1.5, 2, -0.25})); }, {4}, f32, {1, -2, 2, -1});
    expect([] { return tanh(tensor({0, 0.5, -100, 100, 1e-6})); }, {5}, f32, {0, 0.46211715726, -1, 1, 1e-6});
    expect([] { return sigmoid(tensor({0.0, 1, -200, 200})); }, {4}, f32, {0.5, 0.73105857863, 0, 1});
    expect([] { return abs(tensor({-2, 0, 3, -infinity})); }, {4}, f32, {2, 0, 3, infinity});
    expect([] { return cos(tensor({0, 3.141592653589793})); }, {2}, f32, {1, -1}, 1e-3);
    // Device code may return NaN or not for these, so only the reference device is tested.
    CHECK(std::isnan(reference_values(sqrt(tensor({-1.0})))[0]));
    CHECK(std::isnan(reference_values(log(tensor({-1.0})))[0]));
  }

  TEST_CASE("pow") {
    expect([] { return pow(tensor({-2.0, 3, 0}), 3); }, {3}, f32, {-8, 27, 0});
    expect([] { return pow(tensor({-2.0, 4}), -1); }, {2}, f32, {-0.5, 0.25});
    expect([] { return pow(tensor({-2.0, 0}), 0); }, {2}, f32, {1, 1});
    expect([] { return pow(tensor({4, 0.25}), 0.5); }, {2}, f32, {2, 0.5});
    expect([] { return pow(tensor({4.0, 2}), 1.5); }, {2}, f32, {8, 2.8284271247}, 1e-5);
    expect([] { return pow(2, tensor({3, 0.5})); }, {2}, f32, {8, 1.4142135624}, 1e-5);
    expect([] { return pow(tensor(std::vector<std::int32_t>{-3}), 5); }, {1}, i32, {-243});
  }

  TEST_CASE("cast") {
    expect([] { return cast(tensor({1.9, -1.9, 0.5, -0.5}), i32); }, {4}, i32, {1, -1, 0, 0});
    expect([] { return cast(tensor({0, 3000000000.0, 1.5}), u32); }, {3}, u32, {0, 3000000000.0, 1});
    expect([] { return cast(tensor({0, 0.1, -2, nan}), boolean); }, {4}, boolean, {0, 1, 1, 1});
    expect([] { return cast(tensor({0, 255, 3.7}), u8); }, {3}, u8, {0, 255, 3});
    expect([] { return cast(tensor(std::vector<std::int32_t>{-1, 256, 257}), u8); }, {3}, u8, {255, 0, 1});
    expect([] { return cast(tensor(std::vector<std::int32_t>{-1}), u32); }, {1}, u32, {4294967295.0});
    expect([] { return cast(tensor(std::vector<std::uint32_t>{4294967295u}), i32); }, {1}, i32, {-1});
    expect([] { return cast(tensor(std::vector<std::uint8_t>{0, 200, 255}), f32); }, {3}, f32, {0, 200, 255});
    expect([] { return cast(tensor({1.0, 0}) > 0.5, i32); }, {2}, i32, {1, 0});
  }

  TEST_CASE("numbers take the dtype of the tensor they meet") {
    expect([] { return tensor({1.0, 2}) + 5000000000; }, {2}, f32, {5000000001.0, 5000000002.0}, 1e-6);
    expect([] { return tensor(std::vector<std::uint32_t>{1}) + 4000000000u; }, {1}, u32, {4000000001.0});
    expect([] { return 7 - tensor(std::vector<std::int32_t>{2}); }, {1}, i32, {5});
    expect([] { return tensor(std::vector<std::int32_t>{2}) * 3.0; }, {1}, i32, {6});
    expect([] { return Tensor(2) + Tensor(3); }, {}, i32, {5});
    expect([] { return Tensor(2) + Tensor(0.5); }, {}, f32, {2.5});
  }

  TEST_CASE("broadcasting") {
    expect(
        [] {
          return tensor({1.0, 2, 3}, {3, 1}) * tensor({10.0, 20});
        },
        {3, 2}, f32, {10, 20, 20, 40, 30, 60});
    expect(
        [] {
          return tensor({1.0, 2}, {1, 2, 1}) + tensor({10.0, 20}, {2, 1, 1});
        },
        {2, 2, 1}, f32, {11, 12, 21, 22});
    expect([] { return zeros({0, 1}) + tensor({1.0, 2}); }, {0, 2}, f32, {});
  }
}

}  // namespace hekla::testing
