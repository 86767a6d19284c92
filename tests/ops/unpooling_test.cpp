// Max pooling with positions and max unpooling against PyTorch, with axes moved, and errors.
#include "ops/nn/unpooling.h"

#include <doctest/doctest.h>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

Tensor rows() { return tensor({3.0, 2, 1, 7, 4, 1, 1, 8, 5, 2, 9, 8, 2, 1, 6, 8, 5, 2}, {1, 9, 2}); }
Tensor image() { return tensor({1.0, 5, 2, 8, 3, 4, 7, 6, 9, 0, 2, 1, 2, 3, 4, 8}, {1, 4, 4, 1}); }
Tensor volume() { return cast(arange(24) * 7 % 24, f32); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("max_pool1d_with_indices, max_unpool1d") {
    expect([] { return max_pool1d_with_indices(rows(), {3}).values; }, {1, 3, 2}, f32, {4, 7, 9, 8, 6, 8});
    expect([] { return max_pool1d_with_indices(rows(), {3}).indices; }, {1, 3, 2}, i32, {2, 1, 5, 3, 7, 7});
    expect(
        [] {
          const MaxPooled pooled = max_pool1d_with_indices(rows(), {3});
          return max_unpool1d(pooled.values, pooled.indices, {3});
        },
        {1, 9, 2}, f32, {0, 0, 0, 7, 4, 0, 0, 8, 0, 0, 9, 0, 0, 0, 6, 8, 0, 0});
  }

  TEST_CASE("max_pool2d_with_indices, max_unpool2d") {
    const PoolOptions overlapping{.strides = {1}};
    expect([&] { return max_pool2d_with_indices(image(), {3}, overlapping).indices; }, {1, 2, 2, 1}, i32,
           {8, 3, 8, 15});
    expect(
        [&] {
          const MaxPooled pooled = max_pool2d_with_indices(image(), {3}, overlapping);
          return max_unpool2d(pooled.values, pooled.indices, {3}, {.strides = {1}});
        },
        {1, 4, 4, 1}, f32, {0, 0, 0, 8, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 8});
    expect(
        [] {
          const MaxPooled pooled = max_pool2d_with_indices(image());
          return max_unpool2d(pooled.values, pooled.indices, {2}, {.output_size = {5, 4}});
        },
        {1, 5, 4, 1}, f32, {0, 5, 0, 8, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0});
    // The padding is never the largest; the first of equals has the gradient.
    expect(
        [] {
          return max_pool2d_with_indices(-image(), {3}, {{2}, PaddingMode::same}).indices;
        },
        {1, 2, 2, 1}, i32, {9, 11, 9, 11});
    expect(
        [] {
          const Tensor x = ones({1, 2, 2, 1}) * tensor({1.0});
          return grad(sum(max_pool2d_with_indices(x).values), x);
        },
        {1, 2, 2, 1}, f32, {1, 0, 0, 0});
  }

  TEST_CASE("max_pool3d_with_indices, max_unpool3d") {
    const auto pooled = [] { return max_pool3d_with_indices(reshape(volume(), {1, 2, 3, 4, 1}), {2, 3, 2}); };
    expect([&] { return pooled().values; }, {1, 1, 1, 2, 1}, f32, {23, 22});
    expect([&] { return pooled().indices; }, {1, 1, 1, 2, 1}, i32, {17, 10});
    std::vector<double> expected(24, 0.0);
    expected[10] = 22;
    expected[17] = 23;
    expect(
        [&] {
          return max_unpool3d(pooled().values, pooled().indices, {2, 3, 2});
        },
        {1, 2, 3, 4, 1}, f32, expected);
  }

  TEST_CASE("max_unpool: indices outside, and what does not fit") {
    const Tensor x = ones({2, 2, 1}), indices = tensor({0, 9, -1, 3}, Shape{2, 2, 1});
    expect([&] { return max_unpool1d(x, indices); }, {2, 4, 1}, f32, {1, 0, 0, 0, 0, 0, 0, 1});
    CHECK(error_of([&] { max_unpool2d(x, indices); }) ==
          "[max_unpool2d] elements f32[2,2,1] at i32[2,2,1]; they must be f32 [batch, 2 spatial axes, "
          "channels] "
          "and i32 of the same shape.");
    CHECK(error_of([&] { max_unpool1d(x, indices, {0}); }) ==
          "[max_unpool1d] pool_size is [0]; it must be positive, a number for each of 1 spatial axes or one "
          "for "
          "all.");
    CHECK(error_of([&] {
            max_unpool1d(x, indices, {2}, {.output_size = {4, 4}});
          }) ==
          "[max_unpool1d] output_size is [4,4]; it must be positive, a number for each of 1 spatial axes or "
          "one "
          "for all.");
    CHECK(error_of([&] {
            max_pool1d_with_indices(zeros({2, 3}));
          }).starts_with("[max_pool1d_with_indices] "));
  }
}

}  // namespace hekla::testing
