// Joining, splitting, reordering, basic indexing, diagonals and ranges of numbers against NumPy's results.
#include <doctest/doctest.h>

#include "ops/create.h"
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/index.h"
#include "ops/join.h"
#include "ops/reorder.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

// Checks `build` applied to counted(from).
void expect_of(const Shape& from, const std::function<Tensor(const Tensor&)>& build, const Shape& shape,
               const std::vector<double>& elements) {
  expect([&] { return build(counted(from)); }, shape, f32, elements);
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("stack, tile, repeat") {
    const auto stacked = [](int axis) { return [=](const Tensor& x) { return stack({x, 10 + x}, axis); }; };
    expect_of({2, 2}, stacked(0), {2, 2, 2}, {0, 1, 2, 3, 10, 11, 12, 13});
    expect_of({2, 2}, stacked(1), {2, 2, 2}, {0, 1, 10, 11, 2, 3, 12, 13});
    expect_of({2, 2}, stacked(-1), {2, 2, 2}, {0, 10, 1, 11, 2, 12, 3, 13});
    expect_of({}, stacked(0), {2}, {0, 10});
    expect_of({2, 2},
              [](const Tensor& x) {
                return tile(x, {2, 1, 2});
              },
              {2, 2, 4}, {0, 1, 0, 1, 2, 3, 2, 3, 0, 1, 0, 1, 2, 3, 2, 3});
    expect_of({2, 2}, [](const Tensor& x) { return repeat(x, 2, 1); }, {2, 4}, {0, 0, 1, 1, 2, 2, 3, 3});
    expect_of({2, 2}, [](const Tensor& x) { return repeat(x, 2); }, {8}, {0, 0, 1, 1, 2, 2, 3, 3});
  }

  TEST_CASE("concat joins more tensors than one kernel reads") {
    std::vector<double> elements;
    for (int i = 0; i < 100; ++i) elements.insert(elements.end(), {0.0 + i, 1.0 + i});
    expect_of(
        {2},
        [](const Tensor& x) {
          std::vector<Tensor> parts;
          for (int i = 0; i < 100; ++i) parts.push_back(x + i);
          return concat(parts, 0);
        },
        {200}, elements);
  }

  TEST_CASE("split by parts and by sizes") {
    const Tensor x = counted({2, 6});
    const std::vector<Tensor> thirds = split(x, 3, 1);
    REQUIRE(thirds.size() == 3);
    expect([] { return split(counted({2, 6}), 3, 1)[1]; }, {2, 2}, f32, {2, 3, 8, 9});
    const std::vector<Tensor> sizes = split(x, {1, 0, 5}, -1);
    REQUIRE(sizes.size() == 3);
    CHECK(sizes[1].shape() == Shape{2, 0});
    expect(
        [] {
          return split(counted({2, 6}), {1, 0, 5}, -1)[2];
        },
        {2, 5}, f32, {1, 2, 3, 4, 5, 7, 8, 9, 10, 11});
    // One size in braces is a list of sizes.
    CHECK(split(x, {2})[0].shape() == Shape{2, 6});
  }

  TEST_CASE("swapaxes, moveaxis, flip, roll") {
    expect_of({2, 3, 2}, [](const Tensor& x) { return moveaxis(x, 0, -1); }, {3, 2, 2},
              {0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11});
    expect_of({1, 2, 3},
              [](const Tensor& x) {
                return moveaxis(x, {0, 2}, {1, 0});
              },
              {3, 1, 2}, {0, 3, 1, 4, 2, 5});
    expect_of({2, 1, 3}, [](const Tensor& x) { return swapaxes(x, 0, 2); }, {3, 1, 2}, {0, 3, 1, 4, 2, 5});
    expect_of({2, 3}, [](const Tensor& x) { return flip(x); }, {2, 3}, {5, 4, 3, 2, 1, 0});
    expect_of({2, 3}, [](const Tensor& x) { return flip(x, {1}); }, {2, 3}, {2, 1, 0, 5, 4, 3});
    expect_of({2, 3}, [](const Tensor& x) { return roll(x, 2); }, {2, 3}, {4, 5, 0, 1, 2, 3});
    expect_of({2, 3}, [](const Tensor& x) { return roll(x, -1, 1); }, {2, 3}, {1, 2, 0, 4, 5, 3});
    expect_of({5}, [](const Tensor& x) { return roll(x, 7, 0); }, {5}, {3, 4, 0, 1, 2});
    expect_of({1, 2, 1}, [](const Tensor& x) { return squeeze(x); }, {2}, {0, 1});
  }

  TEST_CASE("pad: reflect, symmetric, edge and circular") {
    const auto padded = [](const std::vector<Padding>& paddings, PadMode mode) {
      return [=](const Tensor& x) { return pad(x, paddings, mode); };
    };
    expect_of({3}, padded({{4, 3}}, PadMode::reflect), {10}, {0, 1, 2, 1, 0, 1, 2, 1, 0, 1});
    expect_of({2, 3}, padded({{1, 0}, {2, 1}}, PadMode::reflect), {3, 6},
              {5, 4, 3, 4, 5, 4, 2, 1, 0, 1, 2, 1, 5, 4, 3, 4, 5, 4});
    expect_of({1}, padded({{2, 1}}, PadMode::reflect), {4}, {0, 0, 0, 0});
    expect_of({2, 2}, padded({{1, 0}, {2, 1}}, PadMode::edge), {3, 5},
              {0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3});
    // np.pad with mode="symmetric" and "wrap".
    expect_of({3}, padded({{4, 7}}, PadMode::symmetric), {14}, {2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2});
    expect_of({2, 3}, padded({{1, 0}, {2, 1}}, PadMode::symmetric), {3, 6},
              {1, 0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2, 4, 3, 3, 4, 5, 5});
    expect_of({1}, padded({{2, 1}}, PadMode::symmetric), {4}, {0, 0, 0, 0});
    expect_of({3}, padded({{4, 7}}, PadMode::circular), {14}, {2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0});
    expect_of({2, 3}, padded({{1, 0}, {2, 1}}, PadMode::circular), {3, 6},
              {4, 5, 3, 4, 5, 3, 1, 2, 0, 1, 2, 0, 4, 5, 3, 4, 5, 3});
    expect_of({2}, padded({{1, 1, 1}}, PadMode::constant), {5}, {0, 0, 0, 1, 0});
  }

  TEST_CASE("index: NumPy's basic indexing") {
    const auto at = [](const std::vector<Subscript>& subscripts) {
      return [=](const Tensor& x) { return index(x, subscripts); };
    };
    expect_of({3, 4}, at({1}), {4}, {4, 5, 6, 7});
    expect_of({3, 4}, at({-1, 2}), {}, {10});
    expect_of({3, 4}, at({new_axis, {1, 3}, new_axis, -1}), {1, 2, 1}, {7, 11});
    expect_of({3, 4}, at({ellipsis, Range{.step = -1}}), {3, 4}, {3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8});
    expect_of({3, 4}, at({Range{.step = -2}, 1}), {2}, {9, 1});
    expect_of({3, 4}, at({{1, 1}}), {0, 4}, {});
    expect_of({2, 2, 3}, at({1, ellipsis, Range{.step = 2}}), {2, 2}, {6, 8, 9, 11});
    expect_of({3, 4}, at({{-2, 0, -1}, {3, 0, -2}}), {1, 2}, {7, 5});
    const Tensor x = counted({2, 3});
    CHECK(index(x, {}).get() == x.get());
    CHECK(index(x, {ellipsis}).get() == x.get());
  }

  TEST_CASE("diagonal, diag, trace, tril, triu, eye") {
    expect_of({3, 4}, [](const Tensor& x) { return diagonal(x, 1); }, {3}, {1, 6, 11});
    expect_of({3, 4}, [](const Tensor& x) { return diagonal(x, -1); }, {2}, {4, 9});
    expect_of({3, 4}, [](const Tensor& x) { return diagonal(x, 4); }, {0}, {});
    expect_of({2, 2, 3}, [](const Tensor& x) { return diagonal(x, 0, 0, 2); }, {2, 2}, {0, 7, 3, 10});
    expect_of({2}, [](const Tensor& x) { return diag(x + 1, 1); }, {3, 3}, {0, 1, 0, 0, 0, 2, 0, 0, 0});
    expect_of({2}, [](const Tensor& x) { return diag(x + 1, -1); }, {3, 3}, {0, 0, 0, 1, 0, 0, 0, 2, 0});
    expect_of({3, 4}, [](const Tensor& x) { return trace(x, 1); }, {}, {18});
    expect_of({3, 4}, [](const Tensor& x) { return tril(x, -1); }, {3, 4},
              {0, 0, 0, 0, 4, 0, 0, 0, 8, 9, 0, 0});
    expect_of({3, 4}, [](const Tensor& x) { return triu(x, 1); }, {3, 4},
              {0, 1, 2, 3, 0, 0, 6, 7, 0, 0, 0, 11});
    expect([] { return eye(3, 4, 1); }, {3, 4}, f32, {0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1});
    expect([] { return eye(3, 2, -1, i32); }, {3, 2}, i32, {0, 0, 1, 0, 0, 1});
    expect([] { return eye(2); }, {2, 2}, f32, {1, 0, 0, 1});
  }

  TEST_CASE("arange and linspace") {
    expect([] { return arange(4); }, {4}, i32, {0, 1, 2, 3});
    expect([] { return arange(2, 5); }, {3}, i32, {2, 3, 4});
    expect([] { return arange(7, -4, -3); }, {4}, i32, {7, 4, 1, -2});
    expect([] { return arange(0.5, 2, 0.5); }, {3}, f32, {0.5, 1, 1.5});
    expect([] { return arange(1, 4, 1, f32); }, {3}, f32, {1, 2, 3});
    expect([] { return arange(3, 1); }, {0}, i32, {});
    expect([] { return linspace(1, 2, 5); }, {5}, f32, {1, 1.25, 1.5, 1.75, 2});
    expect([] { return linspace(3, 2, 1); }, {1}, f32, {3});
  }

  TEST_CASE("joining, dividing and reordering refuse what does not fit") {
    const Tensor x = zeros({2, 3});
    CHECK(error_of([&] { concat({}, 0); }) == "[concat] no tensors; concat takes at least one.");
    CHECK(error_of([&] { stack({}); }) == "[stack] no tensors; stack takes at least one.");
    CHECK(error_of([&] {
            stack({x, zeros({3, 2})});
          }) == "[stack] f32[2,3] and f32[3,2] differ; shape and dtype must be equal.");
    CHECK(error_of([&] { split(x, 2, 1); }) ==
          "[split] axis 1 of f32[2,3] has 3 elements for 2 parts; the parts must be equal (see sizes).");
    CHECK(error_of([&] {
            split(x, {1, 3}, 1);
          }) == "[split] sizes (1,3) for axis 1 of f32[2,3]; they must not be negative and add up to 3.");
    CHECK(error_of([&] {
            tile(x, {2, -1});
          }) == "[tile] repetitions (2,-1) for f32[2,3]; they must not be negative.");
    CHECK(error_of([&] { repeat(x, -1, 0); }) ==
          "[repeat] -1 repeats of f32[2,3]; the number must not be negative.");
    CHECK(error_of([&] {
            moveaxis(x, {0}, {0, 1});
          }) == "[moveaxis] axes (0) to (0,1); both lists must have the same length.");
    CHECK(error_of([&] {
            pad(x, {{1, -1}}, PadMode::edge);
          }) ==
          "[pad] axis 0 of f32[2,3] is padded by (1,-1,0); modes other than constant pad around the "
          "elements, not "
          "between them, and not by negative numbers.");
    CHECK(error_of([&] {
            pad(zeros({0}), {{1, 0}}, PadMode::reflect);
          }) == "[pad] axis 0 of f32[0] has no elements; modes other than constant need one to continue.");
    CHECK(error_of([&] { squeeze(x, {0}); }) ==
          "[squeeze] axis 0 of f32[2,3] has size 2; only axes of size 1 can be dropped.");
  }

  TEST_CASE("indexing, diagonals and ranges of numbers refuse what does not fit") {
    const Tensor x = zeros({2, 3});
    CHECK(error_of([&] {
            index(x, {0, -4});
          }) == "[index] position -4 on axis 1 of f32[2,3]; it must lie in [-3, 3).");
    CHECK(error_of([&] {
            index(x, {0, 1, 2});
          }) == "[index] 3 positions and ranges for f32[2,3]; it has 2 axes.");
    CHECK(error_of([&] {
            index(x, {ellipsis, ellipsis});
          }) == "[index] 2 ellipses for f32[2,3]; one stands for all axes not named.");
    CHECK(error_of([&] { diagonal(x, 0, 1, -1); }) ==
          "[diagonal] axes 1 and -1 of f32[2,3]; a diagonal takes two different axes.");
    CHECK(error_of([&] { diag(zeros({})); }) ==
          "[diag] f32[] has rank 0; diag takes a vector or a matrix (see diagonal).");
    CHECK(error_of([&] { tril(zeros({3})); }) ==
          "[tril] f32[3] has rank 1; a triangle takes two axes or more.");
    CHECK(error_of([&] { arange(1, 2, 0); }) == "[arange] from 1 to 2 by 0; a step is positive or negative.");
    CHECK(error_of([&] { linspace(1, 2, -1); }) == "[linspace] -1 numbers; the count must not be negative.");
  }
}

}  // namespace hekla::testing
