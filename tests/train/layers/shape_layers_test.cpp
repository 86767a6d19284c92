// Layers that move, repeat, take away and add elements. The numbers are those of Keras 3.15's layers of the same names
// over the same patterns.
#include <doctest/doctest.h>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

TEST_SUITE("train") {
  TEST_CASE("shape layers: permute, repeat, identity") {
    reference();
    check_values(Permute({2, 1})(pattern({1, 2, 3})), {1, 3, 2}, {-0.625, 0.625, 0.25, 0.125, -0.25, -0.375});
    CHECK(Permute({2, 1})(zeros({1, 2, 3}, u8)).dtype() == u8);
    check_values(RepeatVector(2)(pattern({2, 2})), {2, 2, 2},
                 {-0.625, 0.25, -0.625, 0.25, -0.25, 0.625, -0.25, 0.625});
    const Mode mode;
    const Tensor x = pattern({1, 3, 2});
    mode.set_mask(x, zeros({1, 3}, boolean));
    CHECK(mode.mask_of(Identity()(x, mode)).defined());
    CHECK_FALSE(mode.mask_of(Permute({2, 1})(x, mode)).defined());
    CHECK(error_of([] { Permute({0, 1}); }) == "[permute] dims are 0, 1; they must be 1 to 2, each once.");
    CHECK(error_of([] { Permute({2, 2}); }) == "[permute] dims are 2, 2; they must be 1 to 2, each once.");
    CHECK(error_of([&] { Permute({1})(x); }) ==
          "[permute] takes [batch] and 1 axes after it, not f32[1,3,2].");
    CHECK(error_of([] { RepeatVector(0); }) == "[repeat_vector] n is 0; it must be positive.");
    CHECK(error_of([&] { RepeatVector(2)(x); }) ==
          "[repeat_vector] takes [batch, features], not f32[1,3,2].");
  }

  TEST_CASE("shape layers: cropping") {
    reference();
    check_values(Cropping1D({1, 0})(pattern({1, 3, 2})), {1, 2, 2}, {-0.25, 0.625, 0.125, -0.375});
    check_values(Cropping1D()(pattern({1, 3, 2})), {1, 1, 2}, {-0.25, 0.625});
    check_values(Cropping2D({{0, 1}, {1, 2}})(pattern({1, 3, 4, 2})), {1, 2, 1, 2},
                 {-0.25, 0.625, -0.125, -0.625});
    check_values(Cropping2D({0, 1})(pattern({1, 2, 3, 1})), {1, 2, 1, 1}, {0.25, 0.125});
    check_values(Cropping2D()(pattern({1, 1, 2, 1})), {1, 1, 2, 1}, {-0.625, 0.25});
    check_values(Cropping3D()(pattern({1, 3, 3, 3, 2})), {1, 1, 1, 1, 2}, {0.125, -0.375});
    CHECK(Cropping1D()(zeros({1, 3, 2}, u8)).dtype() == u8);
    CHECK(error_of([] { Cropping1D(-1); }) == "[cropping1d] cropping is -1 and -1; it must not be negative.");
    CHECK(error_of([] {
            Cropping2D({1, 2, 3});
          }) == "[cropping2d] cropping has 3 entries for 2 spatial axes; each axis needs one.");
    CHECK(error_of([] {
            Cropping3D()(zeros({1, 3, 3, 2}));
          }) == "[cropping3d] takes [batch, 3 spatial, channels], not f32[1,3,3,2].");
    CHECK(error_of([] {
            Cropping1D({1, 2})(zeros({1, 3, 2}));
          }) == "[cropping1d] 1 and 2 of axis 1 of f32[1,3,2] are taken away; something must be left.");
  }

  TEST_CASE("shape layers: zero padding") {
    reference();
    check_values(ZeroPadding1D({0, 2})(pattern({1, 2, 2})), {1, 4, 2},
                 {-0.625, 0.25, -0.25, 0.625, 0, 0, 0, 0});
    check_values(ZeroPadding1D()(pattern({1, 1, 1})), {1, 3, 1}, {0, -0.625, 0});
    check_values(ZeroPadding2D({{1, 0}, {0, 2}})(pattern({1, 2, 2, 1})), {1, 3, 4, 1},
                 {0, 0, 0, 0, -0.625, 0.25, 0, 0, -0.25, 0.625, 0, 0});
    check_values(ZeroPadding3D({0, 1, 0})(pattern({1, 1, 1, 2, 1})), {1, 1, 3, 2, 1},
                 {0, 0, -0.625, 0.25, 0, 0});
    CHECK(ZeroPadding2D()(zeros({1, 2, 3, 1}, u8)).shape() == Shape{1, 4, 5, 1});
    CHECK(error_of([] {
            ZeroPadding2D({{1, -1}, {0, 0}});
          }) == "[zero_padding2d] padding is 1 and -1; it must not be negative.");
    CHECK(error_of([] {
            ZeroPadding1D()(zeros({1, 3}));
          }) == "[zero_padding1d] takes [batch, 1 spatial, channels], not f32[1,3].");
  }

  TEST_CASE("shape layers: up-sampling") {
    reference();
    check_values(UpSampling1D()(pattern({1, 2, 2})), {1, 4, 2},
                 {-0.625, 0.25, -0.625, 0.25, -0.25, 0.625, -0.25, 0.625});
    check_values(UpSampling3D({1, 2, 1})(pattern({1, 1, 2, 2, 1})), {1, 1, 4, 2, 1},
                 {-0.625, 0.25, -0.625, 0.25, -0.25, 0.625, -0.25, 0.625});
    check_values(UpSampling2D({1, 3})(cast(pattern({1, 2, 1, 1}) * 8 + 5, u8)), {1, 2, 3, 1},
                 {0, 0, 0, 7, 7, 7});
    expect(
        [] {
          return UpSampling2D({2, 3}, {.interpolation = "bilinear"})(pattern({1, 2, 3, 1}));
        },
        {1, 4, 9, 1}, f32, {-0.625,        -0.625,   -0.333333313,  -0.0416666493, 0.25,     0.0833333135,
                            -0.0833333731, -0.25,    -0.25,         -0.3125,       -0.3125,  -0.135416642,
                            0.0416666716,  0.21875,  0.0520833097,  -0.114583373,  -0.28125, -0.28125,
                            0.3125,        0.3125,   0.260416657,   0.208333328,   0.15625,  -0.0104166828,
                            -0.177083373,  -0.34375, -0.34375,      0.625,         0.625,    0.458333313,
                            0.291666657,   0.125,    -0.0416666903, -0.208333373,  -0.375,   -0.375});
    CHECK(error_of([] { UpSampling2D(2, {.interpolation = "cubic"}); }) ==
          "[up_sampling2d] interpolation 'cubic' is unknown; choose one of bilinear, nearest.");
    CHECK(error_of([] { UpSampling1D(0); }).starts_with("[up_sampling1d] "));
    CHECK(error_of([] { UpSampling3D({1, 2}); }).starts_with("[up_sampling3d] "));
    CHECK(error_of([] {
            UpSampling2D()(zeros({1, 2, 3}));
          }) == "[up_sampling2d] takes [batch, 2 spatial, channels], not f32[1,2,3].");
  }

  TEST_CASE("shape layers: in a model, whose gradients pass through them") {
    reference();
    set_random_seed(1);
    Sequential model({Input({4, 4, 1}), ZeroPadding2D(), Conv2D(2, 3, relu),
                      UpSampling2D(2, {.interpolation = "bilinear"}), Cropping2D(2), Identity(), Flatten(),
                      RepeatVector(2), Permute({2, 1}), Flatten(), Dense(1)});
    for (const char* text : {"zero_padding2d (ZeroPadding2D)", "up_sampling2d (UpSampling2D)",
                             "cropping2d (Cropping2D)", "repeat_vector (RepeatVector)", "permute (Permute)",
                             "identity (Identity)", "(None, 8, 8, 2)", "(None, 32, 2)"})
      CHECK(model.summary().find(text) != std::string::npos);
    model.compile({.optimizer = Adam({.learning_rate = 0.05}), .loss = "mse"});
    const Tensor images = pattern({4, 4, 4, 1}), one = tensor({1.0, -1, 2, 0}, {4, 1});
    const double before = model.evaluate(images, one, {.verbose = 0})["loss"];
    model.fit(images, one, {.batch_size = 4, .epochs = 40, .verbose = 0});
    CHECK(model.evaluate(images, one, {.verbose = 0})["loss"] < 0.5 * before);
  }
}

}  // namespace hekla::testing
