// Convolution layers against PyTorch's functions over the same numbers.
#include <doctest/doctest.h>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

using Strings = std::vector<std::string>;

ConvLayerOptions filled(ConvLayerOptions options) {
  options.kernel_initializer = patterned();
  options.bias_initializer = given({0.5, -0.25});
  return options;
}

ConvTransposeOptions filled_transpose(ConvTransposeOptions options) {
  options.kernel_initializer = patterned();
  options.bias_initializer = given({0.5});
  return options;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("conv2d layer: strides and padding") {
    expect(
        [] {
          const Conv2D layer(2, 3, filled({.strides = 2, .padding = "same"}));
          return layer(pattern({1, 4, 5, 2}));
        },
        {1, 2, 3, 2}, f32,
        {0.828125, -0.609375, 0.703125, -0.953125, 0.71875, -0.15625, 0.21875, -0.171875, 0.375, 0.3125,
         0.21875, -0.25});
  }

  TEST_CASE("conv2d layer: the activation comes last, and there need not be a bias") {
    reference();
    const Conv2D layer(2, {3, 3}, relu, filled({.strides = {2, 2}, .padding = PaddingMode::same}));
    check_values(layer(pattern({1, 4, 5, 2})), {1, 2, 3, 2},
                 {0.828125, 0, 0.703125, 0, 0.71875, 0, 0.21875, 0, 0.375, 0.3125, 0.21875, 0});
    const Conv2D groups(2, 2, filled({.dilation_rate = 2, .groups = 2, .use_bias = false}));
    check_values(groups(pattern({1, 5, 5, 4})), {1, 3, 3, 2},
                 {0.125, -0.5, 0.09375, 0.359375, 0.0625, -0.84375, -0.03125, 0.1875, 0.109375, 0.1875,
                  -0.609375, 0.1875, 0.15625, 0.1875, 0.125, -0.5, 0.09375, 0.359375});
    CHECK(described(groups.weights()) == Strings{"conv2d/kernel [2,2,2,2]"});
  }

  TEST_CASE("conv1d and conv3d layers") {
    reference();
    const Conv1D line(2, 3, filled({.strides = 2}));
    check_values(line(pattern({1, 6, 2})), {1, 2, 2}, {0.65625, 0.03125, 0.5, -0.03125});
    CHECK(described(line.weights()) == Strings{"conv1d/kernel [3,2,2]", "conv1d/bias [2]"});
    const Conv1D causal(1, 2, {.padding = "causal", .dilation_rate = 2, .kernel_initializer = "ones"});
    check_values(causal(counted({1, 5, 1})), {1, 5, 1}, {0, 1, 2, 4, 6});
    const Conv3D volume(4, {1, 2, 3});
    CHECK(volume(ones({2, 3, 4, 5, 2})).shape() == Shape{2, 3, 3, 3, 4});
    CHECK(described(volume.weights()) == Strings{"conv3d/kernel [1,2,3,2,4]", "conv3d/bias [4]"});
  }

  TEST_CASE("conv2d layer: bytes are taken as numbers, and the weights stay") {
    reference();
    const Conv2D layer(1, 1, {.kernel_initializer = "ones"});
    check_values(layer(tensor(std::vector<std::uint8_t>{200, 3}, {1, 1, 2, 1})), {1, 1, 2, 1}, {200, 3});
    const Conv2D drawn(2, 3);
    const Tensor x = pattern({1, 3, 3, 1});
    CHECK(reference_values(drawn(x)) == reference_values(drawn(x)));
    CHECK(reference_values(drawn(x)) != reference_values(Conv2D(2, 3)(x)));
  }

  TEST_CASE("conv2d layer: regularizers, constraints and a layer that is not trained") {
    reference();
    const Conv2D layer(2, 1, {.kernel_initializer = "ones", .kernel_regularizer = l2(0.5)});
    const Mode mode = training();
    layer(pattern({1, 2, 2, 3}), mode);
    REQUIRE(mode.record().losses.size() == 1);
    CHECK(reference_values(mode.record().losses[0])[0] == doctest::Approx(0.5 * 6));
    const Conv2D bounded(2, 1, {.kernel_constraint = non_negative()});
    bounded(pattern({1, 2, 2, 3}), mode);
    CHECK(mode.record().constrained.size() == 1);
    const Conv2D frozen(2, 1, {.trainable = false});
    const Tensor y = sum(frozen(pattern({1, 2, 2, 3}), training()));
    CHECK(reference_values(grad(y, frozen.weights())[0]) == std::vector<double>(6, 0.0));
  }

  TEST_CASE("conv2d_transpose layer") {
    reference();
    const Tensor x = pattern({1, 2, 3, 2});
    const Conv2DTranspose same(1, 3, filled_transpose({.strides = 2, .padding = "same"}));
    check_values(same(x), {1, 4, 6, 1},
                 {0.84375,  0.796875, 0.953125, 0.75,   0.6875,  0.359375, 0.703125, 0.375,
                  0.671875, 0.1875,   0.03125,  0.6875, 0.03125, 0.046875, 0.140625, 0.609375,
                  0.75,     0.484375, 0.4375,   0.5,    0.8125,  0.3125,   0,        0.8125});
    CHECK(described(same.weights()) ==
          Strings{"conv2d_transpose/kernel [3,3,1,2]", "conv2d_transpose/bias [1]"});
    const Conv2DTranspose smaller(1, 3,
                                  filled_transpose({.strides = 2, .padding = "same", .output_padding = 0}));
    check_values(smaller(x), {1, 3, 5, 1},
                 {0.375, 0.671875, 0.1875, 0.03125, 0.6875, 0.046875, 0.140625, 0.609375, 0.75, 0.484375, 0.5,
                  0.8125, 0.3125, 0, 0.8125});
    // Equal to the default: 3 taps with strides of 2 lack one element of the output.
    const Conv2DTranspose larger(
        1, 3, filled_transpose({.strides = 2, .padding = "same", .output_padding = {1, 1}}));
    check_values(larger(x), {1, 4, 6, 1}, reference_values(same(x)));
    const Conv2DTranspose valid(1, 3, filled_transpose({.strides = 2, .output_padding = 1}));
    const Tensor y = valid(x);
    CHECK(y.shape() == Shape{1, 6, 8, 1});
    check_values(slice(y, {{}, {.start = 4}}), {1, 2, 8, 1},
                 {0.625, 0.6875, 0.53125, 0.265625, 0.375, 0.53125, 0.4375, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5,
                  0.5, 0.5});
    CHECK(Conv1DTranspose(4, 3, relu, {.strides = 2})(ones({2, 5, 3})).shape() == Shape{2, 11, 4});
    CHECK(Conv3DTranspose(4, 2)(ones({2, 1, 2, 3, 1})).shape() == Shape{2, 2, 3, 4, 4});
  }

  TEST_CASE("depthwise and separable convolution layers") {
    reference();
    const Tensor x = pattern({1, 3, 3, 2});
    const DepthwiseConv2D each(2, {.depth_multiplier = 2,
                                   .depthwise_initializer = patterned(),
                                   .bias_initializer = given({0.5, -0.25, 0, 1})});
    check_values(each(x), {1, 2, 2, 4},
                 {0.75, -0.546875, -0.03125, 1.328125, 0.5625, 0.046875, -0.375, 0.90625, 0.53125, -0.65625,
                  -0.03125, 1.265625, 0.6875, -0.578125, 0.140625, 0.671875});
    CHECK(described(each.weights()) ==
          Strings{"depthwise_conv2d/kernel [2,2,2,2]", "depthwise_conv2d/bias [4]"});
    const SeparableConv2D both(3, 2,
                               {.depth_multiplier = 2,
                                .depthwise_initializer = patterned(),
                                .pointwise_initializer = patterned(3, 7),
                                .bias_initializer = given({0.5, -0.25, 0})});
    check_values(both(x), {1, 2, 2, 3},
                 {0.5625, -0.353515625, 0.25, 0.357421875, -0.0234375, -0.07421875, 0.634765625, -0.373046875,
                  0.1796875, 0.365234375, -0.34375, 0.0703125});
    CHECK(described(both.weights()) == Strings{"separable_conv2d/depthwise_kernel [2,2,2,2]",
                                               "separable_conv2d/pointwise_kernel [1,1,4,3]",
                                               "separable_conv2d/bias [3]"});
    CHECK(DepthwiseConv1D(3, relu, {.strides = 2, .padding = "same"})(ones({2, 5, 3})).shape() ==
          Shape{2, 3, 3});
    CHECK(SeparableConv1D(4, 3, relu)(ones({2, 5, 3})).shape() == Shape{2, 3, 4});
  }

  TEST_CASE("convolution layers: errors") {
    reference();
    CHECK(error_of([] { Conv2D(0, 3); }) == "[conv2d] 0 filters; at least one is needed.");
    CHECK(error_of([] { Conv2D(4, 3, {.name = "edges", .groups = 3}); }) ==
          "[edges] 4 filters in 3 groups; the groups must divide the filters.");
    CHECK(error_of([] {
            Conv2D(4, {3, 3, 3});
          }) == "[conv2d] window (3,3,3) for 2 spatial axes; give one number for all or one for each.");
    CHECK(error_of([] { Conv1D(4, 3, {.strides = 0}); }) == "[conv1d] strides (0); all must be positive.");
    CHECK(error_of([] { Conv2D(4, 3, {.padding = "full"}); }) ==
          "[padding] 'full' is unknown; choose one of valid, same, causal.");
    CHECK(error_of([] { Conv1DTranspose(1, 3, {.padding = "causal", .output_padding = 0}); }) ==
          "[conv1d_transpose] the padding is causal; a transposed convolution takes valid or same.");
    CHECK(error_of([] {
            Conv2D(4, 3, {.name = "edges"})(zeros({2, 28, 28}));
          }) == "[edges] x is f32[2,28,28] of rank 3; it must have rank 4: batch, 2 spatial, channels.");
    CHECK(error_of([] {
            Conv2D(4, 3)(zeros({2, 2, 28, 1}));
          }) ==
          "[conv2d] a window of 3 with dilation 1 spans 3 and axis 1 of f32[2,2,28,1] has 2; a window must "
          "fit.");
    CHECK(error_of([] {
            Conv2D(4, 3, {.groups = 2})(zeros({2, 9, 9, 3}));
          }) == "[conv2d] f32[2,9,9,3] has 3 channels for 2 groups; the groups must divide the channels.");
    CHECK(error_of([] {
            const Conv2D layer(4, 3);
            layer(zeros({2, 9, 9, 3}));
            layer(zeros({2, 9, 9, 1}));
          }) ==
          "[conv2d] is called with f32[2,9,9,1], for which its kernel would be [3,3,1,4]; it was built as "
          "[3,3,3,4]. Inputs must keep the shape of the first call, but for the batch.");
    CHECK(error_of([] { Conv2DTranspose(0, 3); }) == "[conv2d_transpose] 0 filters; at least one is needed.");
    CHECK(error_of([] { Conv2DTranspose(1, 3, {.output_padding = -1}); }) ==
          "[conv2d_transpose] output_padding is -1; it must not be negative.");
    CHECK(error_of([] {
            Conv2DTranspose(1, 3, {.output_padding = {1, 1, 1}});
          }) ==
          "[conv2d_transpose] 3 numbers of output_padding for 2 spatial axes; give one number for all or one "
          "for each.");
    CHECK(error_of([] {
            Conv2DTranspose(1, 3)(zeros({2, 3}));
          }) ==
          "[conv2d_transpose] x is f32[2,3] of rank 2; it must have rank 4: batch, 2 spatial, channels.");
    CHECK(error_of([] { DepthwiseConv2D(3, {.depth_multiplier = 0}); }) ==
          "[depthwise_conv2d] depth_multiplier is 0; it must be positive.");
    CHECK(error_of([] {
            DepthwiseConv2D(3)(zeros({2, 3}));
          }) ==
          "[depthwise_conv2d] x is f32[2,3] of rank 2; it must have rank 4: batch, 2 spatial, channels.");
    CHECK(error_of([] {
            DepthwiseConv2D(3)(zeros({1, 2, 3, 1}));
          }) ==
          "[depthwise_conv2d] a window of 3 with dilation 1 spans 3 and axis 1 of f32[1,2,3,1] has 2; a "
          "window must fit.");
    CHECK(error_of([] { SeparableConv2D(0, 3); }) == "[separable_conv2d] 0 filters; at least one is needed.");
    CHECK(error_of([] {
            SeparableConv1D(2, 3)(zeros({1, 2, 3, 1}));
          }) ==
          "[separable_conv1d] x is f32[1,2,3,1] of rank 4; it must have rank 3: batch, 1 spatial, channels.");
  }
}

}  // namespace hekla::testing
