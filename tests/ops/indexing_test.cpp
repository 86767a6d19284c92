// take, take_along_axis, scatter_add and one_hot against NumPy's results.
#include <doctest/doctest.h>

#include "autodiff/grad.h"
#include "graph/run/program.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/join.h"
#include "ops/reduce.h"
#include "ops/scatter.h"
#include "ops/view.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

Tensor indices(const std::vector<std::int32_t>& numbers, const Shape& shape) {
  return tensor(numbers, shape);
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("take and take_along_axis") {
    expect([] { return take(counted({2, 3}), indices({0, 5, 4, 1}, {2, 2})); }, {2, 2}, f32, {0, 5, 4, 1});
    expect([] { return take(counted({2, 3}), indices({2, 0}, {2}), 1); }, {2, 2}, f32, {2, 0, 5, 3});
    const auto along = [](const Shape& from, const std::vector<std::int32_t>& numbers, const Shape& picks,
                          int axis) {
      return [=] { return take_along_axis(counted(from), indices(numbers, picks), axis); };
    };
    expect(along({2, 3}, {0, 2, 1, 1}, {2, 2}, 1), {2, 2}, f32, {0, 2, 4, 4});
    expect(along({2, 3}, {1, 0, 1}, {1, 3}, 0), {1, 3}, f32, {3, 1, 5});
    expect(along({3, 2}, {1, 0, 1}, {3, 1}, 1), {3, 1}, f32, {1, 2, 5});
    // Indices out of range are clamped, as by np.take with mode="clip".
    expect(along({1, 3}, {-7, 9}, {1, 2}, 1), {1, 2}, f32, {0, 2});
  }

  TEST_CASE("scatter_add of many, divided into parts") {
    // More than one part of 60,000, the last one shorter; some indices lie outside.
    constexpr std::size_t count = 130'001, size = 1000;
    std::vector<std::int32_t> places(count), numbers(count), expected(2 * size);
    std::uint32_t state = 5;
    for (std::size_t i = 0; i < count; ++i) {
      state = state * 1664525u + 1013904223u;
      places[i] = static_cast<std::int32_t>(state >> 21) - 500;
      numbers[i] = static_cast<std::int32_t>(state & 1023);
      if (places[i] < 0 || places[i] >= static_cast<std::int32_t>(size)) continue;
      expected[2 * static_cast<std::size_t>(places[i])] += numbers[i];
      expected[2 * static_cast<std::size_t>(places[i]) + 1] -= numbers[i];
    }
    for (const auto& tested : devices()) {
      const Tensor one = tensor(numbers);
      const Tensor sums = scatter_add({size, 2}, tensor(places), stack({one, -one}, 1));
      evaluate({.outputs = {sums}}, tested);
      CHECK(sums.to_vector<std::int32_t>() == expected);
    }
  }

  TEST_CASE("scatter_add adds what meets, and nothing that lies outside") {
    expect(
        [] {
          return scatter_add({3, 2}, indices({2, 0, 2}, {3}), counted({3, 2}));
        },
        {3, 2}, f32, {2, 3, 0, 0, 4, 6});
    expect(
        [] {
          return scatter_add({2, 3}, indices({2, 0, 2}, {3}), counted({2, 3}), 1);
        },
        {2, 3}, f32, {1, 0, 2, 4, 0, 8});
    expect([] { return scatter_add({2}, indices({-1, 0, 2, 0}, {4}), counted({4})); }, {2}, f32, {4, 0});
    expect(
        [] {
          return scatter_add({2}, indices({1, 1}, {2}), tensor(std::vector<std::int32_t>{3, 4}));
        },
        {2}, i32, {0, 7});
  }

  TEST_CASE(
      "gradients of picking: what was picked twice counts twice, where an index was clamped its end counts") {
    expect(
        [] {
          const Tensor x = counted({3, 2});
          return grad(sum(gather(x, indices({0, 2, 2, 9}, {4})) * 1.0), x);
        },
        {3, 2}, f32, {1, 1, 0, 0, 3, 3});
    expect(
        [] {
          const Tensor x = counted({2, 2});
          return grad(sum(take_along_axis(x, indices({0, 0, 1, 9}, {2, 2}), 1)), x);
        },
        {2, 2}, f32, {2, 0, 0, 2});
  }

  TEST_CASE("one_hot along any axis") {
    expect([] { return one_hot(indices({1, 0, 3}, {3}), 2); }, {3, 2}, f32, {0, 1, 1, 0, 0, 0});
    expect([] { return one_hot(indices({1, 0, 3}, {3}), 2, 0); }, {2, 3}, f32, {0, 1, 0, 1, 0, 0});
  }

  TEST_CASE("indexing by tensors refuses what does not fit") {
    const Tensor x = zeros({2, 3});
    const Tensor picks = indices({0, 1}, {2});
    CHECK(error_of([&] { gather(x, zeros({2})); }) ==
          "[gather] indices are f32[2]; they must be i32 or u32 (see hk::cast).");
    CHECK(error_of([&] {
            gather(zeros({0, 3}), picks);
          }) == "[gather] axis 0 of f32[0,3] has no elements; there is nothing to pick.");
    CHECK(error_of([&] {
            take_along_axis(x, zeros({2, 3}), 0);
          }) == "[take_along_axis] indices are f32[2,3]; they must be i32 or u32 (see hk::cast).");
    CHECK(error_of([&] { take_along_axis(x, picks, 0); }) ==
          "[take_along_axis] f32[2,3] by i32[2]; both must have the same rank.");
    CHECK(error_of([&] {
            take_along_axis(zeros({2, 0}), reshape(picks, {2, 1}), 1);
          }) == "[take_along_axis] axis 1 of f32[2,0] has no elements; there is nothing to pick.");
    CHECK(error_of([&] {
            take_along_axis(zeros({50'000, 50'000}), zeros({50'000, 1}, i32), 1);
          }) == "[take_along_axis] 2500000000 elements of f32[50000,50000]; positions are counted in i32.");
    CHECK(error_of([&] { scatter_add({4}, zeros({2}), zeros({2})); }) ==
          "[scatter_add] indices are f32[2]; they must be i32 or u32 (see hk::cast).");
    CHECK(error_of([&] { scatter_add({4}, picks, zeros({2}, u8)); }) ==
          "[scatter_add] updates are u8[2]; they must be f32, i32 or u32 (see hk::cast).");
    CHECK(error_of([&] {
            scatter_add({4, 3}, picks, zeros({2, 4}));
          }) == "[scatter_add] updates are f32[2,4] for axis 0 of [4,3] by i32[2]; they must be [2,3].");
    CHECK(error_of([&] { one_hot(zeros({2}), 3); }) ==
          "[one_hot] indices are f32[2]; they must be integers.");
    CHECK(error_of([&] { one_hot(picks, -1); }) == "[one_hot] depth -1; it must not be negative.");
  }
}

}  // namespace hekla::testing
