// Adaptive pooling and lp_pool against PyTorch in double precision, with axes moved, and errors.
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

#include "autodiff/grad.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/nn/adaptive_pooling.h"
#include "ops/nn/pooling.h"
#include "ops/reduce.h"
#include "tests/ops/images.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("adaptive pooling") {
    // torch.nn.functional.adaptive_avg_pool1d and the others, to these sizes.
    expect(
        [] {
          return adaptive_average_pool1d(image({1, 5, 2}), {3});
        },
        {1, 3, 2}, f32, {-3.5, 3.5, 1, 0.666666667, 0, 1.5});
    expect(
        [] {
          return adaptive_average_pool1d(image({1, 5, 2}), {7});
        },
        {1, 7, 2}, f32, {-5, 2, -3.5, 3.5, -0.5, 1, 1, -3, 2.5, -1.5, 0, 1.5, -4, 3});
    expect([] { return adaptive_max_pool1d(image({1, 5, 2}), {3}); }, {1, 3, 2}, f32, {-2, 5, 4, 5, 4, 3});
    expect(
        [] {
          return adaptive_average_pool2d(image({1, 5, 4, 1}), {2, 3});
        },
        {1, 2, 3, 1}, f32, {-1, 0.5, 0.166666667, 0, 1.5, -0.666666667});
    expect(
        [] {
          return adaptive_average_pool2d(image({1, 5, 4, 1}), {1, 2});
        },
        {1, 1, 2, 1}, f32, {-0.5, 0.3});
    expect(
        [] {
          return adaptive_max_pool2d(image({1, 5, 4, 1}), {2, 3});
        },
        {1, 2, 3, 1}, f32, {3, 4, 5, 4, 5, 5});
    expect(
        [] {
          return adaptive_average_pool3d(image({1, 3, 4, 5, 1}), {2, 1, 3});
        },
        {1, 2, 1, 3, 1}, f32, {0, -0.041666667, 0.375, 0.4375, 0.166666667, 0.125});
    expect(
        [] {
          return adaptive_max_pool3d(image({1, 2, 1, 5, 1}), {1, 1, 3});
        },
        {1, 1, 1, 3, 1}, f32, {4, 5, 5});
    // NaN and infinities stay in their bins.
    expect(
        [] {
          return adaptive_max_pool1d(tensor({1.0, nan, 2, -infinity, -infinity}, {1, 5, 1}), {3});
        },
        {1, 3, 1}, f32, {nan, nan, -infinity});
    expect(
        [] {
          return adaptive_average_pool1d(tensor({1.0, infinity, 2, 3, 4, 5, 6}, {1, 7, 1}), {3});
        },
        {1, 3, 1}, f32, {infinity, 3, 5});
  }

  TEST_CASE("lp_pool") {
    // torch.nn.functional.lp_pool1d(x, 2, 2), lp_pool1d(abs(x), 3, 3, 2), lp_pool2d(x, 2, (2, 2), 1).
    expect(
        [] {
          return lp_pool1d(image({1, 6, 1}), 2);
        },
        {1, 3, 1}, f32, {5.38516481, 5.38516481, 3.16227766});
    expect(
        [] {
          return lp_pool1d(abs(image({1, 6, 1})), 3, {3}, {.strides = {2}});
        },
        {1, 2, 1}, f32, {5.20482786, 5.11722995});
    expect(
        [] {
          return lp_pool2d(image({1, 3, 4, 1}), 2, {2}, {.strides = {1}});
        },
        {1, 2, 3, 1}, f32, {6.244998, 5.74456265, 6.70820393, 5.91607978, 5.91607978, 6.4807407});
    // Its gradient at zeros is 0, and the root of a negative sum is NaN.
    for (const double p : {1.0, 2.0}) {
      expect(
          [p] {
            const Tensor x = tensor({0.0, 0, 0, 0}, {1, 4, 1});
            return grad(sum(lp_pool1d(x, p)), {x})[0];
          },
          {1, 4, 1}, f32, {0, 0, 0, 0});
    }
    expect([] { return lp_pool1d(tensor({-1.0, -1}, {1, 2, 1}), 3); }, {1, 1, 1}, f32, {nan});
  }

  TEST_CASE("adaptive pooling, lp_pool: errors") {
    reference();
    CHECK(error_of([] {
            adaptive_average_pool2d(zeros({2, 5, 4}), {2});
          }) ==
          "[adaptive_average_pool2d] x is f32[2,5,4] of rank 3; it must have rank 4: batch, 2 spatial, "
          "channels.");
    CHECK(error_of([] {
            adaptive_max_pool1d(zeros({2, 5, 4}), {0});
          }) ==
          "[adaptive_max_pool1d] output_size (0) for 1 spatial axes; give one positive number for all or one "
          "for each.");
    CHECK(error_of([] {
            lp_pool1d(zeros({2, 5, 4}), 0);
          }) == "[lp_pool1d] p is 0; it must be positive and finite.");
  }
}

}  // namespace hekla::testing
