// resize and grid_sample against PyTorch in double precision, with axes moved, and errors.
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

#include "ops/create.h"
#include "ops/nn/resize.h"
#include "tests/ops/images.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr ResizeMethod nearest = ResizeMethod::nearest, bicubic = ResizeMethod::bicubic;

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("resize") {
    const auto resized = [](const std::vector<std::int64_t>& sizes, const ResizeOptions& options,
                            const std::vector<double>& elements) {
      expect(
          [&] {
            return resize(image({1, 3, 4, 1}), sizes, options);
          },
          {1, sizes[0], sizes[1], 1}, f32, elements);
    };
    // torch.nn.functional.interpolate(x, size, mode) with modes nearest, nearest-exact, bilinear and bicubic.
    resized({5, 2}, {.method = nearest, .half_pixel_centers = false}, {-5, -2, -5, -2, 1, 4, 1, 4, -4, -1});
    resized({2, 7}, {.method = nearest, .half_pixel_centers = false},
            {-5, -5, 2, 2, -2, -2, 5, 1, 1, -3, -3, 4, 4, 0});
    resized({5, 2}, {.method = nearest}, {2, 5, 2, 5, -3, 0, 3, -5, 3, -5});
    resized({2, 7}, {.method = nearest}, {-5, -5, 2, -2, -2, 5, 5, -4, -4, 3, -1, -1, -5, -5});
    resized({5, 2}, {}, {-1.5, 1.5, -1.3, 1.7, -1, 2, -0.7, -1, -0.5, -3});
    resized({5, 2}, {.align_corners = true}, {-5, 5, -2, 2.5, 1, 0, -1.5, -2.5, -4, -5});
    resized({2, 7}, {},
            {-3.5, -1.98214286, 0.446428571, 0.125, -0.196428571, 2.23214286, 3.75, -2.75, -1.23214286,
             1.19642857, 0.875, -0.0357142857, -2.32142857, -3.75});
    resized({2, 7}, {.align_corners = true}, {-5, -1.5, 2, 0, -2, 1.5, 5, -4, -0.5, 3, 1, -1, -3, -5});
    resized({5, 2}, {.method = bicubic},
            {-1.074, 0.978, -1.441375, 2.153375, -1.65625, 2.65625, -0.757375, -0.924625, 0.022, -3.954});
    resized({5, 2}, {.method = bicubic, .align_corners = true},
            {-5, 5, -1.53125, 2.96875, 1, 0, -0.9375, -2.96875, -4, -5});
    resized({2, 7}, {.method = bicubic},
            {-3.87372413, -1.99166327, 0.472243773, 0.0594482422, -0.258711123, 2.4380164, 4.490218,
             -3.06513038, -1.18306952, 1.28083752, 1.7019043, 0.0409754094, -2.61716793, -4.47820351});
    resized({2, 7}, {.method = bicubic, .align_corners = true},
            {-5, -1.125, 2, 0, -2, 1.125, 5, -4, -0.125, 3, 2.03125, -1, -3.375, -5});
    // Mode linear.
    expect(
        [] {
          return resize(image({1, 4, 2}), {7});
        },
        {1, 7, 2}, f32,
        {-5, 2, -3.92857143, 3.07142857, -2.21428571, 4.78571429, -0.5, 1, 1.21428571, -2.78571429,
         2.92857143, -1.07142857, 4, 0});
    // By hand: places 0, 0.5, 1, 1.5, 2 and 2.5, the last beyond the border; then one pixel at place 0.
    expect(
        [] {
          return resize(tensor({1.0, 3, 7}, {1, 3, 1}), {6}, {.half_pixel_centers = false});
        },
        {1, 6, 1}, f32, {1, 2, 3, 5, 7, 7});
    expect(
        [] {
          return resize(tensor({1.0, 3, 7}, {1, 3, 1}), {1}, {.align_corners = true});
        },
        {1, 1, 1}, f32, {1});
    expect(
        [] {
          return resize_axis(tensor({1, 3, 7}), 0, 5, {.method = nearest, .align_corners = true});
        },
        {5}, i32, {1, 3, 3, 7, 7});
    // An infinity stays where it has a weight.
    expect(
        [] {
          return resize_axis(tensor({1.0, infinity, 2, 3}), 0, 8);
        },
        {8}, f32, {1, infinity, infinity, infinity, infinity, 2.25, 2.75, 3});
  }

  TEST_CASE("resize: errors") {
    reference();
    CHECK(error_of([] {
            resize(zeros({1, 3, 4, 1}), {2});
          }) == "[resize] 1 sizes for f32[1,3,4,1]; give one for each axis between batch and channels.");
    CHECK(error_of([] {
            resize(zeros({1, 3, 4, 1}), {2, 0});
          }) == "[resize] axis 2 of f32[1,2,4,1] gets size 0; both sizes must be positive.");
    CHECK(error_of([] {
            resize(zeros({1, 0, 1}), {2});
          }) == "[resize] axis 1 of f32[1,0,1] gets size 2; both sizes must be positive.");
    CHECK(error_of([] {
            resize(zeros({1, 3, 1}, i32), {2});
          }) == "[resize] x is i32[1,3,1]; between pixels it must be f32 (see hk::cast).");
  }

  TEST_CASE("grid_sample") {
    // torch.nn.functional.grid_sample(x, grid, align_corners=..).
    const auto grid = [] {
      return tensor({-1.0, -1, 0.3, -0.4, 1.2, 0.5, 0, 0, 0.9, 0.95, -1.5, 3}, {1, 2, 3, 2});
    };
    expect(
        [&] {
          return grid_sample(image({1, 3, 3, 2}), grid());
        },
        {1, 2, 3, 2}, f32, {-1.25, 0.5, -1.45, 0.6, -0.5, 0.35, -4, 3, -1.12125, 1.495, 0, 0});
    expect(
        [&] {
          return grid_sample(image({1, 3, 3, 2}), grid(), true);
        },
        {1, 2, 3, 2}, f32, {-5, 2, -2.3, 1.4, -1.6, -0.4, -4, 3, -2.155, 3.305, 0, 0}, 2e-6);
    expect(
        [] {
          return grid_sample(image({1, 3, 3, 1}), tensor({nan, 0, infinity, 0, 1e30, 0}, {1, 1, 3, 2}));
        },
        {1, 1, 3, 1}, f32, {nan, nan, 0});
  }

  TEST_CASE("grid_sample: errors") {
    reference();
    CHECK(error_of([] {
            grid_sample(zeros({3, 3, 2}), zeros({1, 2, 2, 2}));
          }) ==
          "[grid_sample] x is f32[3,3,2]; it must be f32 [batch, height, width, channels] with pixels.");
    CHECK(error_of([] {
            grid_sample(zeros({2, 3, 3, 2}), zeros({1, 2, 2, 2}));
          }) ==
          "[grid_sample] grid is f32[1,2,2,2] for images f32[2,3,3,2]; it must be f32 [batch, rows, columns, "
          "2].");
  }
}

}  // namespace hekla::testing
