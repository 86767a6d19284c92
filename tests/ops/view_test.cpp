// Views against NumPy's results.
#include "ops/view.h"
#include "ops/join.h"

#include <doctest/doctest.h>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr std::int64_t whole = Range::whole;

// np.arange(size)[range]
void expect_slice(std::int64_t size, const Range& range, const std::vector<double>& elements) {
  expect([&] { return slice(counted({size}), {range}); }, {static_cast<std::int64_t>(elements.size())}, f32,
         elements);
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("slice: Python's rules for one axis") {
    expect_slice(6, {}, {0, 1, 2, 3, 4, 5});
    expect_slice(6, {1, 4}, {1, 2, 3});
    expect_slice(6, {1, whole, 2}, {1, 3, 5});
    expect_slice(6, {0, 5, 2}, {0, 2, 4});
    expect_slice(6, {-2}, {4, 5});
    expect_slice(6, {0, -1}, {0, 1, 2, 3, 4});
    expect_slice(6, {-100, 100}, {0, 1, 2, 3, 4, 5});
    expect_slice(6, {4, 2}, {});
    expect_slice(6, {100, 200}, {});
    expect_slice(6, {-1, whole, -1}, {5, 4, 3, 2, 1, 0});
    expect_slice(6, {4, 1, -1}, {4, 3, 2});
    expect_slice(6, {4, whole, -2}, {4, 2, 0});
    expect_slice(6, {100, 0, -3}, {5, 2});
    expect_slice(6, {-2, -5, -2}, {4, 2});
    expect_slice(6, {1, 4, -1}, {});
    expect_slice(6, {0, whole, 100}, {0});
    expect_slice(6, {2, -100, -1}, {2, 1, 0});
  }

  TEST_CASE("slice: several axes") {
    expect([] { return slice(counted({3, 4}), {{1, 3}, {0, whole, 3}}); }, {2, 2}, f32, {4, 7, 8, 11});
    expect(
        [] {
          return slice(counted({3, 4}), {{-1, whole, -2}, {-1, 0, -1}});
        },
        {2, 3}, f32, {11, 10, 9, 3, 2, 1});
    expect([] { return slice(counted({2, 3}), {{1, 2}}); }, {1, 3}, f32, {3, 4, 5});
  }

  TEST_CASE("reshape, flatten, expand_dims, squeeze") {
    expect([] { return reshape(counted({2, 3}), {3, -1}); }, {3, 2}, f32, {0, 1, 2, 3, 4, 5});
    expect([] { return reshape(counted({1}), {}); }, {}, f32, {0});
    expect([] { return reshape(counted({0, 3}), {7, 0}); }, {7, 0}, f32, {});
    expect([] { return flatten(counted({2, 1, 3})); }, {2, 3}, f32, {0, 1, 2, 3, 4, 5});
    expect([] { return flatten(counted({3})); }, {3, 1}, f32, {0, 1, 2});
    expect([] { return flatten(counted({0, 3, 4})); }, {0, 12}, f32, {});
    expect([] { return flatten(counted({2, 0, 4})); }, {2, 0}, f32, {});
    expect([] { return expand_dims(counted({2}), -1); }, {2, 1}, f32, {0, 1});
    expect([] { return squeeze(counted({1, 2, 1}), {0, 2}); }, {2}, f32, {0, 1});
  }

  TEST_CASE("permute, transpose, broadcast_to") {
    expect([] { return transpose(counted({2, 3})); }, {3, 2}, f32, {0, 3, 1, 4, 2, 5});
    expect([] { return transpose(counted({2, 2, 2})); }, {2, 2, 2}, f32, {0, 2, 1, 3, 4, 6, 5, 7});
    expect(
        [] {
          return permute(counted({2, 3, 2}), {2, 0, 1});
        },
        {2, 2, 3}, f32, {0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11});
    expect(
        [] {
          return broadcast_to(counted({2, 1}), {2, 2, 3});
        },
        {2, 2, 3}, f32, {0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1});
  }

  TEST_CASE("pad: around and between") {
    expect([] { return pad(counted({3}), {{1, 2}}, 9); }, {6}, f32, {9, 0, 1, 2, 9, 9});
    expect([] { return pad(counted({3}), {{0, 0, 2}}, 9); }, {7}, f32, {0, 9, 9, 1, 9, 9, 2});
    expect(
        [] {
          return pad(counted({2, 2}), {{0, 1}, {1, 0, 1}}, -1);
        },
        {3, 4}, f32, {-1, 0, -1, 1, -1, 2, -1, 3, -1, -1, -1, -1});
    expect([] { return pad(counted({0}), {{2, 1, 5}}, 4); }, {3}, f32, {4, 4, 4});
    expect(
        [] {
          return pad(tensor(std::vector<std::uint8_t>{250}), {{1, 1}}, 255);
        },
        {3}, u8, {255, 250, 255});
  }

  TEST_CASE("windows: size, step, dilation") {
    expect([] { return windows(counted({5}), 0, 3); }, {3, 3}, f32, {0, 1, 2, 1, 2, 3, 2, 3, 4});
    expect([] { return windows(counted({6}), 0, 2, 2); }, {3, 2}, f32, {0, 1, 2, 3, 4, 5});
    expect([] { return windows(counted({6}), 0, 2, 3); }, {2, 2}, f32, {0, 1, 3, 4});
    expect([] { return windows(counted({6}), 0, 3, 1, 2); }, {2, 3}, f32, {0, 2, 4, 1, 3, 5});
    expect([] { return windows(counted({3, 2}), 0, 2); }, {2, 2, 2}, f32, {0, 2, 1, 3, 2, 4, 3, 5});
  }

  TEST_CASE("concat") {
    expect(
        [] {
          return concat({counted({1, 2}), 10 + counted({2, 2})}, 0);
        },
        {3, 2}, f32, {0, 1, 10, 11, 12, 13});
    expect(
        [] {
          return concat({counted({2, 1}), 10 + counted({2, 2})}, -1);
        },
        {2, 3}, f32, {0, 10, 11, 1, 12, 13});
    expect([] { return concat({counted({0}), counted({2}), counted({0})}, 0); }, {2}, f32, {0, 1});
  }

  TEST_CASE("views that change nothing are no nodes") {
    const Tensor x = counted({2, 3});
    CHECK(reshape(x, {2, 3}).get() == x.get());
    CHECK(permute(x, {0, 1}).get() == x.get());
    CHECK(broadcast_to(x, {2, 3}).get() == x.get());
    CHECK(slice(x, {{0, 2}}).get() == x.get());
    CHECK(pad(x, {{0, 0}}).get() == x.get());
    CHECK(concat({x}, 0).get() == x.get());
  }
}

}  // namespace hekla::testing
