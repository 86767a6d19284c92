// Reductions against NumPy's results.
#include "ops/reduce.h"

#include <doctest/doctest.h>

#include <limits>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

// [[[0,1],[2,3],[4,5]], [[6,7],[8,9],[10,11]]]
Tensor cube() { return tensor({0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {2, 3, 2}); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("sum over axes") {
    expect([] { return sum(cube()); }, {}, f32, {66});
    expect([] { return sum(cube(), {0}); }, {3, 2}, f32, {6, 8, 10, 12, 14, 16});
    expect([] { return sum(cube(), {1}); }, {2, 2}, f32, {6, 9, 24, 27});
    expect([] { return sum(cube(), {-1}); }, {2, 3}, f32, {1, 5, 9, 13, 17, 21});
    expect([] { return sum(cube(), {0, 2}); }, {3}, f32, {14, 22, 30});
    expect([] { return sum(cube(), {2, 0}, KeepDims::yes); }, {1, 3, 1}, f32, {14, 22, 30});
    expect([] { return sum(cube(), {}, KeepDims::yes); }, {1, 1, 1}, f32, {66});
    expect([] { return sum(tensor({7.0}, {})); }, {}, f32, {7});
  }

  TEST_CASE("sum of nothing is 0") {
    expect([] { return sum(zeros({0})); }, {}, f32, {0});
    expect([] { return sum(tensor(std::vector<double>{}, {2, 0}), {1}); }, {2}, f32, {0, 0});
    expect([] { return sum(tensor(std::vector<double>{}, {0, 2}), {1}); }, {0}, f32, {});
  }

  TEST_CASE("sum of integers wraps around") {
    const std::vector<std::int32_t> large(3, 2000000000);
    expect([&] { return sum(tensor(large)); }, {}, i32, {1705032704});
    const std::vector<std::uint32_t> words{4294967295u, 2};
    expect([&] { return sum(tensor(words)); }, {}, u32, {1});
  }

  TEST_CASE("max and min") {
    const auto x = [] { return tensor({3.0, -1, 4, 1, -5, 9}, {2, 3}); };
    expect([&] { return max(x()); }, {}, f32, {9});
    expect([&] { return max(x(), {0}); }, {3}, f32, {3, -1, 9});
    expect([&] { return max(x(), {1}, KeepDims::yes); }, {2, 1}, f32, {4, 9});
    expect([&] { return min(x(), {1}); }, {2}, f32, {-1, -5});
    expect([] { return max(tensor(std::vector<std::int32_t>{-7, -3, -9})); }, {}, i32, {-3});
    const std::int32_t lowest = std::numeric_limits<std::int32_t>::min();
    expect([&] { return max(tensor(std::vector<std::int32_t>{lowest, lowest})); }, {}, i32, {lowest});
    expect([&] { return min(tensor(std::vector<std::int32_t>{5, lowest, 7})); }, {}, i32, {lowest});
    const std::vector<std::uint32_t> words{5, 4294967295u, 3000000000u};
    expect([&] { return max(tensor(words)); }, {}, u32, {4294967295.0});
    expect([&] { return min(tensor(words)); }, {}, u32, {5});
    const double infinity = std::numeric_limits<double>::infinity();
    expect([&] { return max(tensor({-infinity, -infinity})); }, {}, f32, {-infinity});
    expect([&] { return min(tensor({1, -infinity})); }, {}, f32, {-infinity});
  }

  TEST_CASE("mean") {
    expect([] { return mean(cube()); }, {}, f32, {5.5});
    expect([] { return mean(cube(), {0, 1}, KeepDims::yes); }, {1, 1, 2}, f32, {5, 6});
  }

  TEST_CASE("argmax: the first of equals") {
    const auto x = [] { return tensor({1.0, 3, 3, 2, 2, 2, -1, -2, -1}, {3, 3}); };
    expect([&] { return argmax(x()); }, {3}, i32, {1, 0, 0});
    expect([&] { return argmax(x(), 0); }, {3}, i32, {1, 0, 0});
    expect([&] { return argmax(x(), 1, KeepDims::yes); }, {3, 1}, i32, {1, 0, 0});
    expect([] { return argmax(tensor({0.0, 0, 0, 0}), 0); }, {}, i32, {0});
    expect([] { return argmax(tensor({5.0, 6, 7, 7}), 0); }, {}, i32, {2});
    const double infinity = std::numeric_limits<double>::infinity();
    expect([&] { return argmax(tensor({-infinity, -infinity}), 0); }, {}, i32, {0});
  }
}

}  // namespace hekla::testing
