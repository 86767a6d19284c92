// Pooling layers.
#include <doctest/doctest.h>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

TEST_SUITE("train") {
  TEST_CASE("pooling layers: the largest element and the mean") {
    expect([] { return MaxPooling2D()(counted({1, 3, 4, 1})); }, {1, 1, 2, 1}, f32, {5, 7});
    const Tensor x = counted({1, 3, 4, 1});
    check_values(MaxPooling2D({2, 2}, {.strides = 1})(x), {1, 2, 3, 1}, {5, 6, 7, 9, 10, 11});
    check_values(MaxPooling2D(2, {.padding = "same"})(x), {1, 2, 2, 1}, {5, 7, 9, 11});
    check_values(AveragePooling2D(2)(x), {1, 1, 2, 1}, {2.5, 4.5});
    check_values(AveragePooling2D(2, {.padding = "same"})(x), {1, 2, 2, 1}, {2.5, 4.5, 8.5, 10.5});
    check_values(MaxPooling1D()(counted({1, 5, 1})), {1, 2, 1}, {1, 3});
    check_values(AveragePooling1D(3, {.strides = 2})(counted({1, 5, 1})), {1, 2, 1}, {1, 3});
    check_values(MaxPooling3D()(counted({1, 2, 2, 2, 1})), {1, 1, 1, 1, 1}, {7});
    check_values(AveragePooling3D({1, 2, 2})(counted({1, 2, 2, 2, 1})), {1, 2, 1, 1, 1}, {1.5, 5.5});
  }

  TEST_CASE("global pooling layers") {
    reference();
    const Tensor x = counted({2, 2, 2, 2});
    check_values(GlobalMaxPooling2D()(x), {2, 2}, {6, 7, 14, 15});
    check_values(GlobalAveragePooling2D()(x), {2, 2}, {3, 4, 11, 12});
    check_values(GlobalAveragePooling2D({.keepdims = true})(x), {2, 1, 1, 2}, {3, 4, 11, 12});
    check_values(GlobalMaxPooling1D()(counted({1, 3, 2})), {1, 2}, {4, 5});
    check_values(GlobalAveragePooling1D()(cast(counted({1, 3, 2}), u8)), {1, 2}, {2, 3});
    check_values(GlobalMaxPooling3D()(counted({1, 2, 2, 2, 1})), {1, 1}, {7});
    check_values(GlobalAveragePooling3D()(counted({1, 2, 2, 2, 1})), {1, 1}, {3.5});
  }

  TEST_CASE("pooling layers: errors") {
    reference();
    CHECK(error_of([] { MaxPooling2D(0); }) == "[max_pooling2d] window (0); all must be positive.");
    CHECK(error_of([] {
            AveragePooling1D(2, {.name = "half", .strides = {1, 1}});
          }) == "[half] strides (1,1) for 1 spatial axes; give one number for all or one for each.");
    CHECK(error_of([] {
            MaxPooling2D()(zeros({2, 28, 28}));
          }) ==
          "[max_pooling2d] x is f32[2,28,28] of rank 3; it must have rank 4: batch, 2 spatial, channels.");
    CHECK(error_of([] {
            MaxPooling2D(3)(zeros({2, 2, 3, 1}));
          }) ==
          "[max_pooling2d] a window of 3 with dilation 1 spans 3 and axis 1 of f32[2,2,3,1] has 2; a window "
          "must fit.");
    CHECK(error_of([] {
            GlobalMaxPooling1D()(zeros({2, 2, 3, 1}));
          }) ==
          "[global_max_pooling1d] x is f32[2,2,3,1] of rank 4; it must have rank 3: batch, 1 spatial, "
          "channels.");
    CHECK(error_of([] {
            GlobalAveragePooling2D()(zeros({2, 0, 3, 1}));
          }) ==
          "[global_average_pooling2d] a window of 1 with dilation 1 spans 1 and axis 1 of f32[2,0,3,1] has "
          "0; a window must fit.");
  }
}

}  // namespace hekla::testing
