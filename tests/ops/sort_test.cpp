// Sorting against NumPy's results, and long rows against the standard library.
#include "ops/sort.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "graph/run/program.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/statistics.h"
#include "ops/view.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

Tensor numbers() { return tensor({3.0, 1, 2, 1, 0, -1, 5, -1}, {2, 4}); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("argsort, sort and top_k") {
    expect([] { return argsort(numbers()); }, {2, 4}, i32, {1, 3, 2, 0, 1, 3, 0, 2});
    expect([] { return argsort(numbers(), 0); }, {2, 4}, i32, {1, 1, 0, 1, 0, 0, 1, 0});
    expect([] { return argsort(numbers(), 1, Order::descending); }, {2, 4}, i32, {0, 2, 1, 3, 2, 0, 1, 3});
    expect([] { return sort(numbers()); }, {2, 4}, f32, {1, 1, 2, 3, -1, -1, 0, 5});
    expect([] { return sort(numbers(), 0, Order::descending); }, {2, 4}, f32, {3, 1, 5, 1, 0, -1, 2, -1});
    expect([] { return top_k(numbers(), 2).values; }, {2, 2}, f32, {3, 2, 5, 0});
    expect([] { return top_k(numbers(), 3).indices; }, {2, 3}, i32, {0, 2, 1, 2, 0, 1});
    expect([] { return sort(tensor(std::vector<std::uint8_t>{200, 3, 255, 0})); }, {4}, u8, {0, 3, 200, 255});
    expect(
        [] {
          return sort(tensor(std::vector<std::int32_t>{INT32_MAX, -1, INT32_MIN, 0}));
        },
        {4}, i32, {INT32_MIN, -1, 0, INT32_MAX});
  }

  TEST_CASE("sort: infinities, zeros of both signs, and NaN as the largest") {
    const auto odd = [] { return tensor({1, NAN, inf, -inf, NAN, 0, -0.0}); };
    expect([&] { return argsort(odd()); }, {7}, i32, {3, 5, 6, 0, 2, 1, 4});
    expect([&] { return argsort(odd(), 0, Order::descending); }, {7}, i32, {1, 4, 2, 0, 5, 6, 3});
    expect([&] { return sort(odd()); }, {7}, f32, {-inf, 0, 0, 1, inf, NAN, NAN});
    expect([&] { return top_k(odd(), 3).values; }, {3}, f32, {NAN, NAN, inf});
    expect([&] { return top_k(odd(), 3).indices; }, {3}, i32, {1, 4, 2});
    // Long enough for merge sort.
    const auto long_row = [] {
      return concat({tensor({inf, NAN}), broadcast_to(tensor({-1.0}), {600}), tensor({NAN, 7})}, 0);
    };
    expect([&] { return slice(argsort(long_row()), {{600, 604}}); }, {4}, i32, {603, 0, 1, 602});
    expect(
        [&] {
          return slice(argsort(long_row(), 0, Order::descending), {{0, 5}});
        },
        {5}, i32, {1, 602, 0, 603, 2});
  }

  TEST_CASE("equal constants are sorted inside of what folds them") {
    // All elements are equal, so it does not matter which is read; nothing remains that computes the index.
    const double sum_of_exponentials = std::log(4.0) + 0.25;
    expect(
        [] {
          return logsumexp(sort(full({4, 8}, 0.25), 1), {0});
        },
        {8}, f32, std::vector<double>(8, sum_of_exponentials));
  }

  TEST_CASE("argsort of many numbers, with equals, is the standard library's stable sort") {
    for (const int count : {513, 5000, 65'537}) {
      std::vector<std::int32_t> keys(static_cast<std::size_t>(count));
      std::uint32_t state = 1;
      for (std::int32_t& key : keys) {
        state = state * 1664525u + 1013904223u;
        key = static_cast<std::int32_t>(state >> 20) - 2048;
      }
      std::vector<std::int32_t> expected(keys.size());
      std::iota(expected.begin(), expected.end(), 0);
      std::stable_sort(expected.begin(), expected.end(), [&](std::int32_t a, std::int32_t b) {
        return keys[static_cast<std::size_t>(a)] < keys[static_cast<std::size_t>(b)];
      });
      for (const auto& tested : devices().first(devices().empty() ? 0 : 1)) {
        const Tensor order = argsort(tensor(keys));
        evaluate({.outputs = {order}}, tested);
        CHECK(order.to_vector<std::int32_t>() == expected);
      }
    }
  }

  TEST_CASE(
      "top_k of rows: from each with each up to rounds and merging, and where little more than k is there") {
    // Few different keys, so that equal ones meet in every block; the largest of all is what fills blocks up.
    constexpr std::size_t rows = 3;
    for (const std::size_t n : {512, 513, 1000, 20'000}) {
      std::vector<std::uint32_t> keys(rows * n);
      std::uint32_t state = 7;
      for (std::uint32_t& key : keys) {
        state = state * 1664525u + 1013904223u;
        key = state >> 29 == 0 ? UINT32_MAX : state >> 29 == 1 ? 0 : state >> 24;
      }
      for (const std::size_t k : {1, 10, 32, 33, 500}) {
        std::vector<std::int32_t> expected;
        for (std::size_t row = 0; row < rows; ++row) {
          std::vector<std::int32_t> order(n);
          std::iota(order.begin(), order.end(), 0);
          std::ranges::stable_sort(order, std::greater<>(), [&](std::int32_t i) {
            return keys[row * n + static_cast<std::size_t>(i)];
          });
          expected.insert(expected.end(), order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k));
        }
        for (const auto& tested : reference_and_device()) {
          if (tested == reference() && n > 1000) continue;
          const Tensor order =
              top_k(tensor(keys, {rows, static_cast<std::int64_t>(n)}), static_cast<std::int64_t>(k)).indices;
          evaluate({.outputs = {order}}, tested);
          CAPTURE(n);
          CAPTURE(k);
          CHECK(order.to_vector<std::int32_t>() == expected);
        }
      }
    }
  }

  TEST_CASE("sorting refuses what has no order") {
    CHECK(error_of([] { sort(zeros({3}, boolean)); }) ==
          "[sort] does not take bool[3]; it takes f32, i32, u32 or u8 (see hk::cast).");
    CHECK(error_of([] {
            top_k(zeros({2, 3}), 4);
          }) == "[top_k] 4 of the 3 elements on axis -1 of f32[2,3]; k lies between 0 and their number.");
    CHECK(error_of([] {
            argsort(zeros({50'000, 50'000}));
          }) == "[argsort] 50000 rows of 50000 elements; positions are counted in i32.");
    CHECK(!error_of([] { sort(zeros({})); }).empty());
  }
}

}  // namespace hekla::testing
