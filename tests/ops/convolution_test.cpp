// Convolutions and pooling against numbers from loops over their definitions, and their errors.
#include "ops/nn/convolution.h"

#include <doctest/doctest.h>

#include <cstdint>

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/nn/pooling.h"
#include "ops/reduce.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

constexpr PaddingMode same = PaddingMode::same, causal = PaddingMode::causal;

// Small whole numbers without a visible order.
Tensor pattern(const Shape& shape, std::int64_t factor, std::int64_t range) {
  std::vector<double> elements;
  for (std::int64_t i = 0; i < shape.count(); ++i) {
    elements.push_back(static_cast<double>(i * factor % range - range / 2));
  }
  return tensor(elements, shape);
}
Tensor image(const Shape& shape) { return pattern(shape, 7, 11); }
Tensor taps(const Shape& shape) { return pattern(shape, 5, 9); }

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("conv1d: by hand") {
    const auto x = [] { return tensor({1.0, 2, 3, 4, 5}, {1, 5, 1}); };
    const auto two = [] { return tensor({1.0, 10}, {2, 1, 1}); };
    expect([&] { return conv1d(x(), two()); }, {1, 4, 1}, f32, {21, 32, 43, 54});
    expect([&] { return conv1d(x(), two(), {.strides = {3}}); }, {1, 2, 1}, f32, {21, 54});
    // An odd number of zeros: the extra one is at the end.
    expect([&] { return conv1d(x(), two(), {.padding = same}); }, {1, 5, 1}, f32, {21, 32, 43, 54, 5});
    expect([&] { return conv1d(x(), two(), {.strides = {2}, .padding = same}); }, {1, 3, 1}, f32,
           {21, 43, 5});
    const auto four = [] { return tensor({1.0, 10, 100, 1000}, {4, 1, 1}); };
    expect([&] { return conv1d(x(), four(), {.strides = {3}, .padding = same}); }, {1, 2, 1}, f32,
           {3210, 543});
    // Strides so large that elements are skipped, which no padding makes up for.
    expect([&] { return conv1d(x(), two(), {.strides = {4}, .padding = same}); }, {1, 2, 1}, f32, {21, 5});
    expect([&] { return conv1d(x(), two(), {.dilation_rate = {3}}); }, {1, 2, 1}, f32, {41, 52});
    expect([&] { return conv1d(x(), two(), {.padding = same, .dilation_rate = {3}}); }, {1, 5, 1}, f32,
           {30, 41, 52, 3, 4});
  }

  TEST_CASE("conv1d: causal, zeros before and none after") {
    const auto x = [] { return tensor({1.0, 2, 3, 4, 5}, {1, 5, 1}); };
    const auto two = [] { return tensor({1.0, 10}, {2, 1, 1}); };
    expect([&] { return conv1d(x(), two(), {.padding = causal}); }, {1, 5, 1}, f32, {10, 21, 32, 43, 54});
    expect([&] { return conv1d(x(), two(), {.strides = {2}, .padding = causal}); }, {1, 3, 1}, f32,
           {10, 32, 54});
    expect([&] { return conv1d(x(), two(), {.strides = {3}, .padding = causal}); }, {1, 2, 1}, f32, {10, 43});
    expect([&] { return conv1d(x(), two(), {.padding = causal, .dilation_rate = {3}}); }, {1, 5, 1}, f32,
           {10, 20, 30, 41, 52});
    // A kernel that is longer than x.
    const auto seven = [] { return tensor({9.0, 9, 1, 10, 100, 1000, 10000}, {7, 1, 1}); };
    expect([&] { return conv1d(x(), seven(), {.padding = causal}); }, {1, 5, 1}, f32,
           {10000, 21000, 32100, 43210, 54321});
    expect([&] { return max_pool1d(x(), {3}, {.strides = {1}, .padding = causal}); }, {1, 5, 1}, f32,
           {1, 2, 3, 4, 5});
    expect([&] { return average_pool1d(x(), {3}, {.strides = {2}, .padding = causal}); }, {1, 3, 1}, f32,
           {1, 2, 4});
  }

  TEST_CASE("conv2d, conv3d: several channels") {
    const auto x = [] { return image({1, 4, 3, 2}); };
    const auto kernel = [] { return taps({2, 2, 2, 2}); };
    expect([&] { return conv2d(x(), kernel()); }, {1, 3, 2, 2}, f32,
           {14, 2, -20, 13, 0, -9, 21, -42, -14, 24, -26, 13});
    expect([&] { return conv2d(x(), kernel(), {.strides = {2}, .padding = same}); }, {1, 2, 2, 2}, f32,
           {14, 2, 0, 14, -14, 24, 2, 19});
    expect(
        [&] {
          return conv2d(x(), taps({3, 2, 2, 1}), {.strides = {2, 1}, .padding = same});
        },
        {1, 2, 3, 1}, f32, {56, -17, -36, -42, 2, 32});
    expect(
        [&] {
          return conv2d(x(), kernel(), {.dilation_rate = {2, 1}});
        },
        {1, 2, 2, 2}, f32, {24, 0, 1, -22, -12, 11, 9, -22});
    expect(
        [] {
          return conv3d(image({1, 2, 2, 2, 2}), taps({2, 1, 2, 2, 1}), {.padding = same});
        },
        {1, 2, 2, 2, 1}, f32, {36, 0, -30, -23, 12, -1, -23, -19});
  }

  TEST_CASE("convolution in groups: each sees its own channels") {
    expect(
        [] {
          return conv1d(image({1, 4, 4}), taps({2, 2, 4}));
        },
        {1, 3, 4}, f32, {10, 3, 5, 4, 8, 2, -28, 16, 6, 1, 16, -38});
    const std::vector<double> single = {15, 15, -6, 0, 1, 3, -24, 21, -3, 2, 2, 3, -19, 16, 0, 4, 3, 3};
    expect([] { return conv1d(image({1, 4, 3}), taps({2, 1, 6})); }, {1, 3, 6}, f32, single);
    expect([] { return depthwise_conv1d(image({1, 4, 3}), taps({2, 3, 2})); }, {1, 3, 6}, f32, single);
  }

  TEST_CASE("conv_transpose: every element adds the kernel from its place on") {
    const auto x = [] { return tensor({1.0, 2, 3}, {1, 3, 1}); };
    const auto kernel = [](std::initializer_list<double> numbers) {
      return tensor(numbers, {static_cast<std::int64_t>(numbers.size()), 1, 1});
    };
    expect(
        [&] {
          return conv_transpose1d(x(), kernel({1, 10}), {.strides = {2}});
        },
        {1, 6, 1}, f32, {1, 10, 2, 20, 3, 30});
    expect(
        [&] {
          return conv_transpose1d(x(), kernel({1, 10, 100}), {.strides = {2}});
        },
        {1, 7, 1}, f32, {1, 10, 102, 20, 203, 30, 300});
    expect(
        [&] {
          return conv_transpose1d(x(), kernel({1, 10, 100}), {.strides = {2}, .padding = same});
        },
        {1, 6, 1}, f32, {1, 10, 102, 20, 203, 30});
    expect(
        [&] {
          return conv_transpose1d(x(), kernel({1, 10, 100, 1000}), {.padding = same});
        },
        {1, 3, 1}, f32, {12, 123, 1230});
    expect(
        [&] {
          return conv_transpose1d(x(), kernel({1, 10}), {.strides = {3}});
        },
        {1, 9, 1}, f32, {1, 10, 0, 2, 20, 0, 3, 30, 0});
    expect([&] { return conv_transpose1d(x(), kernel({2}), {.strides = {3}, .padding = same}); }, {1, 9, 1},
           f32, {2, 0, 0, 4, 0, 0, 6, 0, 0});
    expect(
        [&] {
          return conv_transpose1d(tensor({1.0, 2}, {1, 2, 1}), kernel({1, 10, 100}), {.dilation_rate = {2}});
        },
        {1, 6, 1}, f32, {1, 2, 10, 20, 100, 200});
    expect(
        [] {
          return conv_transpose2d(image({1, 2, 2, 2}), taps({3, 3, 1, 2}), {.strides = {2}, .padding = same});
        },
        {1, 4, 4, 1}, f32, {22, 19, 29, 16, 13, -8, 11, -20, -21, -26, -61, -23, -13, 12, 6, 0});
    expect(
        [] {
          return conv_transpose2d(image({1, 2, 2, 2}), taps({2, 2, 2, 2}), {.strides = {1, 2}});
        },
        {1, 3, 4, 2}, f32,
        {22, 19, 16, 13, 13, 16, 19, 22, -15, -20, -25, -30, -36, -29, -22, -15, 12, 10, 8, 6, 0, 4, 8, 12});
  }

  TEST_CASE("conv_transpose is the transpose of the convolution with the same kernel") {
    for (const PaddingMode padding : {PaddingMode::valid, same}) {
      const ConvOptions options{.strides = {2}, .padding = padding};
      const Tensor kernel = taps({3, 3, 2, 4});
      const Tensor x = padding == same ? image({2, 6, 4, 2}) : image({2, 7, 5, 2});
      const Tensor y = pattern({2, 3, 2, 4}, 3, 7);
      const double forward = reference_values(sum(conv2d(x, kernel, options) * y))[0];
      CHECK(forward == reference_values(sum(x * conv_transpose2d(y, kernel, options)))[0]);
      CHECK(forward != 0);
    }
  }

  TEST_CASE("max pooling") {
    const auto x = [] { return image({1, 4, 5, 2}); };
    expect([&] { return max_pool2d(x()); }, {1, 2, 2, 2}, f32, {2, 5, 5, 4, 3, 3, 5, 5});
    expect([&] { return max_pool2d(x(), {2}, {.padding = same}); }, {1, 2, 3, 2}, f32,
           {2, 5, 5, 4, 0, 3, 3, 3, 5, 5, 4, 4});
    expect([&] { return max_pool2d(x(), {3}, {.strides = {2}, .padding = same}); }, {1, 2, 3, 2}, f32,
           {3, 5, 5, 5, 4, 4, 3, 3, 5, 5, 5, 4});
    expect(
        [&] {
          return max_pool2d(x(), {3, 2}, {.strides = {1, 3}});
        },
        {1, 2, 2, 2}, f32, {3, 5, 4, 4, 3, 3, 5, 4});
    // The border does not count as zeros.
    expect(
        [] {
          return max_pool1d(tensor({-1.0, -2, -3}, {1, 3, 1}), {2}, {.padding = same});
        },
        {1, 2, 1}, f32, {-1, -3});
  }

  TEST_CASE("average pooling does not count borders") {
    const auto x = [] { return image({1, 4, 5, 2}); };
    expect([&] { return average_pool2d(x()); }, {1, 2, 2, 2}, f32,
           {-1.5, 0, 1.75, 0.5, -1.75, -0.25, 1.5, 0.25});
    expect([&] { return average_pool2d(x(), {2}, {.padding = same}); }, {1, 2, 3, 2}, f32,
           {-1.5, 0, 1.75, 0.5, -2, -0.5, -1.75, -0.25, 1.5, 0.25, 0.5, 2});
    expect([&] { return average_pool2d(x(), {3}, {.strides = {2}, .padding = same}); }, {1, 2, 3, 2}, f32,
           {-1.333333333, 0.1666666667, 0.1111111111, 1, 0.3333333333, 0, -1.75, -0.25, 0, -0.3333333333,
            1.75, 0.5});
    expect(
        [&] {
          return average_pool2d(x(), {3, 2}, {.strides = {1, 3}});
        },
        {1, 2, 2, 2}, f32,
        {-1.333333333, 0.1666666667, 0.3333333333, 0, -1, -1.333333333, 0.6666666667, 0.3333333333});
  }

  TEST_CASE("global pooling") {
    const auto x = [] { return tensor({1.0, 8, -3, 6, 5, 0, 7, -2}, {1, 2, 2, 2}); };
    expect([&] { return global_max_pool(x()); }, {1, 2}, f32, {7, 8});
    expect([&] { return global_average_pool(x()); }, {1, 2}, f32, {2.5, 3});
    expect([&] { return global_average_pool(x(), KeepDims::yes); }, {1, 1, 1, 2}, f32, {2.5, 3});
    expect([] { return global_max_pool(tensor({1.0, 2, 3}, {1, 3, 1})); }, {1, 1}, f32, {3});
  }

  TEST_CASE("convolution: errors") {
    reference();
    const Tensor x = zeros({2, 5, 5, 4}), kernel = zeros({3, 3, 4, 8});
    CHECK(error_of([&] {
            conv1d(x, zeros({3, 4, 8}));
          }) == "[conv1d] x is f32[2,5,5,4] of rank 4; it must have rank 3: batch, 1 spatial, channels.");
    CHECK(error_of([&] {
            conv2d(x, zeros({3, 4, 8}));
          }) == "[conv2d] kernel is f32[3,4,8]; it must be f32 of rank 4: 2 of taps, then two of channels.");
    CHECK(error_of([&] {
            conv2d(zeros({2, 5, 5, 4}, i32), kernel);
          }) == "[conv2d] x is i32[2,5,5,4]; it must be f32 (see hk::cast).");
    CHECK(error_of([&] {
            conv2d(x, kernel, {.strides = {1, 1, 1}});
          }) == "[conv2d] strides (1,1,1) for 2 spatial axes; give one number for all or one for each.");
    CHECK(error_of([&] { conv2d(x, kernel, {.strides = {0}}); }) ==
          "[conv2d] strides (0); all must be positive.");
    CHECK(error_of([&] {
            conv2d(x, kernel, {.dilation_rate = {2, -1}});
          }) == "[conv2d] dilation rate (2,-1); all must be positive.");
    CHECK(error_of([&] {
            conv2d(x, kernel, {.dilation_rate = {1, 3}});
          }) ==
          "[conv2d] a window of 3 with dilation 3 spans 7 and axis 2 of f32[2,5,5,4] has 5; a window must "
          "fit.");
    CHECK(error_of([&] {
            conv2d(x, zeros({3, 3, 3, 8}));
          }) ==
          "[conv2d] f32[2,5,5,4] has 4 channels and kernel f32[3,3,3,8] takes 3 for 8 filters; the channels "
          "must be a "
          "multiple of what a filter takes, and the filters of that number of groups.");
    CHECK(error_of([&] {
            conv2d(x, zeros({3, 3, 2, 7}));
          }) ==
          "[conv2d] f32[2,5,5,4] has 4 channels and kernel f32[3,3,2,7] takes 2 for 7 filters; the channels "
          "must be a "
          "multiple of what a filter takes, and the filters of that number of groups.");
    CHECK(error_of([&] {
            depthwise_conv2d(x, zeros({3, 3, 2, 1}));
          }) ==
          "[depthwise_conv2d] f32[2,5,5,4] has 4 channels and kernel f32[3,3,2,1] is for 2; they must be "
          "equal.");
    CHECK(error_of([&] {
            conv_transpose2d(x, zeros({3, 3, 8, 5}));
          }) ==
          "[conv_transpose2d] f32[2,5,5,4] has 4 channels and kernel f32[3,3,8,5] takes 5; they must be "
          "equal.");
    CHECK(error_of([&] { conv_transpose2d(x, kernel, {.padding = causal}); }) ==
          "[conv_transpose2d] the padding is causal; a transposed convolution takes valid or same.");
  }

  TEST_CASE("pooling: errors") {
    reference();
    CHECK(error_of([] {
            max_pool2d(zeros({2, 5, 4}));
          }) == "[max_pool2d] x is f32[2,5,4] of rank 3; it must have rank 4: batch, 2 spatial, channels.");
    CHECK(error_of([] {
            max_pool1d(zeros({2, 5, 4}), {0});
          }) == "[max_pool1d] window (0); all must be positive.");
    CHECK(error_of([] {
            average_pool1d(zeros({2, 5, 4}), {6});
          }) ==
          "[average_pool1d] a window of 6 with dilation 1 spans 6 and axis 1 of f32[2,5,4] has 5; a window "
          "must fit.");
    CHECK(error_of([] {
            global_max_pool(zeros({2, 5}));
          }) ==
          "[global_max_pool] x is f32[2,5]; it must be f32 [batch, spatial axes, channels] with elements to "
          "pool.");
    CHECK(error_of([] {
            global_average_pool(zeros({2, 0, 3}));
          }) ==
          "[global_average_pool] x is f32[2,0,3]; it must be f32 [batch, spatial axes, channels] with "
          "elements to "
          "pool.");
  }
}

}  // namespace hekla::testing
