// scatter_set, scatter_max, scatter_min, scatter_mean and segments. Expected values are those of JAX's
// x.at[indices].set, .max and .min, and of jax.ops.segment_sum, segment_max and segment_min.
#include "ops/segment.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "ops/scatter.h"
#include "tests/support/expect.h"
#include "tests/support/numbers.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Tensor integers(const std::vector<std::int32_t>& elements) { return tensor(elements); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("scatter_set: the last of equal indices stays, those outside are ignored") {
    const auto x = [] { return counted({4, 2}); };
    const auto updates = [] { return -1 - counted({5, 2}); };
    const auto indices = [] { return integers({2, 0, 2, -1, 4}); };
    expect([&] { return scatter_set(x(), indices(), updates()); }, {4, 2}, f32, {-3, -4, 2, 3, -5, -6, 6, 7});
    expect(
        [&] {
          return scatter_set(counted({2, 3}), integers({1, 1}), tensor({5.0, 6, 7, 8}, {2, 2}), 1);
        },
        {2, 3}, f32, {0, 6, 2, 3, 8, 5});
    expect(
        [&] {
          const Tensor a = x(), b = updates();
          return grad(sum(scatter_set(a, indices(), b) * (1 + counted({4, 2}))), a);
        },
        {4, 2}, f32, {0, 0, 3, 4, 0, 0, 7, 8});
    expect(
        [&] {
          const Tensor a = x(), b = updates();
          return grad(sum(scatter_set(a, indices(), b) * (1 + counted({4, 2}))), b);
        },
        {5, 2}, f32, {0, 0, 1, 2, 5, 6, 0, 0, 0, 0});
    expect([] { return scatter_set(zeros({3}, boolean), integers({1}), ones({1}, boolean)); }, {3}, boolean,
           {0, 1, 0});
    expect([] { return scatter_set(zeros({3}, u8), integers({2}), full({1}, 200, u8)); }, {3}, u8,
           {0, 0, 200});
    // An infinity does not reach other elements.
    expect(
        [] {
          return scatter_set(tensor({1.0, 2}), integers({1}), tensor({infinity}));
        },
        {2}, f32, {1, infinity});
    expect(
        [&] {
          return scatter_set(x(), zeros({0}, i32), zeros({0, 2}));
        },
        {4, 2}, f32, {0, 1, 2, 3, 4, 5, 6, 7});
  }

  TEST_CASE("scatter_set by sorting is that by comparing") {
    // The index 7 is there four times, more than 2^24 pairs of an index and a position.
    const auto indices = [] { return iota({8}, 0) % 2 * 2'999'992 + 7; };
    expect([&] { return sum(scatter_set(zeros({3'000'000}), indices(), 1 + iota({8}, 0, f32))); }, {}, f32,
           {15}, 0);
  }

  TEST_CASE("scatter_max of more updates than one invocation folds") {
    // Two parts. The largest update of position i is 69'600 + i.
    const auto numbers = [] { return iota({70'000}, 0); };
    expect(
        [&] {
          const Tensor largest = scatter_max(zeros({400}), numbers() % 400, cast(numbers(), f32));
          return sum(abs(largest - (69'600 + arange(400, f32))));
        },
        {}, f32, {0}, 0);
  }

  TEST_CASE("scatter_max, scatter_min and scatter_mean") {
    const auto x = [] { return tensor({0.0, 5, -2, 1}); };
    const auto indices = [] { return integers({0, 2, 0, 3, 3, -1}); };
    const auto updates = [] { return tensor({-1, -3, 4, 1, nan, 9}); };
    expect([&] { return scatter_max(x(), indices(), updates()); }, {4}, f32, {4, 5, -2, nan});
    expect([&] { return scatter_min(x(), indices(), updates()); }, {4}, f32, {-1, 5, -3, nan});
    expect(
        [&] {
          return scatter_mean({5}, indices(), tensor({-1.0, -3, 4, 1, 6, 9}));
        },
        {5}, f32, {1.5, 0, -3, 3.5, 0});
    expect(
        [] {
          return scatter_max(zeros({2}, i32), integers({1, 1}), integers({-3, 2}));
        },
        {2}, i32, {0, 2});
    expect(
        [] { return scatter_min(full({2}, 7, u32), integers({1}), tensor(std::vector<std::uint32_t>{3})); },
        {2}, u32, {7, 3});
    // Equal updates share the gradient, with x, too.
    expect(
        [&] {
          const Tensor u = tensor({3.0, 3, 1, 5});
          return grad(sum(scatter_max(tensor({0.0, 5}), integers({0, 0, 0, 1}), u) * 6), u);
        },
        {4}, f32, {3, 3, 0, 3});
  }

  TEST_CASE("segments") {
    const auto values = [] { return tensor({1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {5, 2}); };
    const auto ids = [] { return integers({2, 0, 2, 5, 0}); };
    expect([&] { return segment_sum(values(), ids(), 4); }, {4, 2}, f32, {12, 14, 0, 0, 6, 8, 0, 0});
    expect([&] { return segment_mean(values(), ids(), 3); }, {3, 2}, f32, {6, 7, 0, 0, 3, 4});
    expect([&] { return segment_max(values(), ids(), 3); }, {3, 2}, f32, {9, 10, -infinity, -infinity, 5, 6});
    expect([&] { return segment_min(values(), ids(), 3); }, {3, 2}, f32, {3, 4, infinity, infinity, 1, 2});
    expect(
        [&] {
          return segment_max(integers({-5, -7}), integers({1, 1}), 2);
        },
        {2}, i32, {-2147483648.0, -5});
    expect([&] { return segment_min(integers({-5, -7}), integers({1, 1}), 2); }, {2}, i32, {2147483647, -7});
    const double small = 1 / (1 + std::exp(6.0)), large = 1 - small, near = 1 / (1 + std::exp(4.0));
    expect([&] { return segment_softmax(values(), ids(), 3); }, {5, 2}, f32,
           {near, near, small, small, 1 - near, 1 - near, 0, 0, large, large});
    expect(
        [] {
          return segment_softmax(tensor({1000, 1000, -infinity}), integers({1, 1, 1}), 2);
        },
        {3}, f32, {0.5, 0.5, 0});
    expect([&] { return segment_sum(values(), ids(), 0); }, {0, 2}, f32, {});
  }

  TEST_CASE("errors of scattering and of segments") {
    CHECK(error_of([] {
            scatter_set(zeros({2, 3}), zeros({4}, i32), zeros({4, 2}));
          }) == "[scatter_set] updates are f32[4,2] for axis 0 of [2,3] by i32[4]; they must be [4,3].");
    CHECK(error_of([] { scatter_set(zeros({2}), zeros({4}), zeros({4})); }) ==
          "[scatter_set] indices are f32[4]; they must be i32 or u32 (see hk::cast).");
    CHECK(error_of([] { scatter_max(zeros({2}), zeros({4}, i32), zeros({4}, i32)); }) ==
          "[scatter_max] updates are i32[4] for f32[2]; they must have its dtype (see hk::cast).");
    CHECK(error_of([] { scatter_min(zeros({2}, u8), zeros({4}, i32), zeros({4}, u8)); }) ==
          "[scatter_min] updates are u8[4]; they must be f32, i32 or u32 (see hk::cast).");
    CHECK(error_of([] { scatter_mean({2}, zeros({4}, i32), zeros({4}, i32)); }) ==
          "[scatter_mean] updates are i32[4]; they must be f32.");
    CHECK(error_of([] {
            segment_sum(zeros({3, 2}), zeros({2}, i32), 4);
          }) == "[segment_sum] f32[3,2] with ids i32[2]; there must be one id for each row of the values.");
    CHECK(error_of([] { segment_max(zeros({3}), zeros({3}), 4); }) ==
          "[segment_max] ids are f32[3]; they must be i32 or u32 (see hk::cast).");
    CHECK(error_of([] { segment_mean(zeros({3}), zeros({3}, i32), -1); }) ==
          "[segment_mean] count -1; it must not be negative.");
    CHECK(error_of([] { segment_softmax(zeros({3}, i32), zeros({3}, i32), 1); }) ==
          "[segment_softmax] i32[3] is not f32; cast it first.");
    CHECK(error_of([] { segment_min(zeros({}), zeros({}, i32), 1); }) ==
          "[segment_min] f32[] with ids i32[]; there must be one id for each row of the values.");
  }
}

}  // namespace hekla::testing
