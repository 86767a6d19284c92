// Filters and histograms of images, and what all random layers for images have in common. Expected numbers are those of Keras 3.15's layers with their random
// numbers fixed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"
#include "train/layers/augmentation_parts.h"

namespace hekla::testing {

namespace {

using Numbers = std::vector<double>;

Tensor grey() { return cast(counted({1, 4, 5}) * 37 % 256, f32); }

Numbers values(const Layer& layer, const Tensor& x, std::uint32_t seed = 1) {
  return reference_values(layer(x, training(seed)));
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("random_sharpness layer") {
    reference();
    const Numbers smooth{34.15385, 51.46154, 60.23077, 69,       74.46154, 111.4615, 143.2308,
                         81.76923, 79.38462, 70.38462, 96.23077, 131.3077, 148.6154, 146.2308,
                         55.15385, 43.07692, 77.92308, 106.3846, 115.1539, 103.0769};
    expect([] { return RandomSharpness({0, 0})(grey(), training()); }, {1, 4, 5}, f32, smooth, 1e-5);
    check_near(
        values(RandomSharpness({0.9, 0.9}), expand_dims(grey(), -1)),
        {0,        25.43077, 85.01538, 144.6, 206.8308, 243.8308, 255,      0,        8.492306, 82.2923,
         128.2154, 166.7538, 219.5077, 255,   0,        42.93846, 81.66154, 125.4923, 185.0769, 255});
    check_near(values(RandomSharpness({0.5, 0.5}), grey()), reference_values(grey()));
  }

  TEST_CASE("random_gaussian_blur layer") {
    reference();
    // Both standard deviations are 1.
    expect(
        [] {
          return RandomGaussianBlur({.factor = {1, 1}, .kernel_size = 5, .sigma = {1, 1}})(grey(),
                                                                                           training());
        },
        {1, 4, 5}, f32,
        {41.79765, 57.27845, 58.68306, 60.25562, 50.20787, 80.14317, 105.0675, 98.94361, 87.27942, 61.73197,
         80.18586, 114.2592, 122.0855, 110.5897, 71.67829, 47.13915, 75.41841, 93.93993, 95.30308, 67.40936},
        1e-5);
    // 0.8 along the width, 0.5 along the height.
    const Tensor rows = weighted_neighbours(grey(), height_axis, gaussian_weights(full({1, 1, 1}, 0.5), 3));
    check_near(
        reference_values(weighted_neighbours(rows, width_axis, gaussian_weights(full({1, 1, 1}, 0.8), 3))),
        {22.89567, 46.24667, 65.07285, 91.61572, 86.9774,  128.8794, 146.5844, 78.41558, 60.74942, 56.27102,
         95.59744, 144.4836, 167.2506, 149.5844, 64.62247, 42.89368, 79.04144, 112.1007, 138.6436, 113.4918});
    CHECK(values(RandomGaussianBlur({.factor = 0}), grey()) == reference_values(grey()));
  }

  TEST_CASE("random_erasing layer: a rectangle") {
    reference();
    const Tensor images = full({20, 10, 12, 2}, 50);
    const Numbers erased =
        values(RandomErasing({.factor = {1, 1}, .scale = {0.25, 0.25}, .fill_value = {7, 400}}), images);
    std::set<std::pair<std::int64_t, std::int64_t>> corners;
    for (std::int64_t image = 0; image < 20; ++image) {
      std::int64_t top = 10, bottom = -1, left = 12, right = -1, count = 0;
      for (std::int64_t y = 0; y < 10; ++y) {
        for (std::int64_t x = 0; x < 12; ++x) {
          const auto at = static_cast<std::size_t>(((image * 10 + y) * 12 + x) * 2);
          if (erased[at] == 50 && erased[at + 1] == 50) continue;
          CHECK((erased[at] == 7 && erased[at + 1] == 255));
          top = std::min(top, y), bottom = std::max(bottom, y), left = std::min(left, x),
          right = std::max(right, x);
          ++count;
        }
      }
      // Half of the height and of the width.
      CHECK((bottom - top == 4 && right - left == 5 && count == 30));
      corners.insert({top, left});
    }
    CHECK(corners.size() > 10);

    const Numbers noisy = values(RandomErasing({.factor = {1, 1}, .scale = {1, 1}}), full({1, 20, 20}, -1));
    // Half of the noise is below 0 and clipped; 84 % is below one standard deviation, which is 255.
    const auto share = [&](auto fits) {
      return static_cast<double>(std::ranges::count_if(noisy, fits)) / static_cast<double>(noisy.size());
    };
    CHECK(share([](double x) { return x == 0; }) == doctest::Approx(0.5).epsilon(0.15));
    CHECK(share([](double x) { return x < 255; }) == doctest::Approx(0.84).epsilon(0.1));
    CHECK(values(RandomErasing({.factor = 0}), images) == reference_values(images));
  }

  TEST_CASE("auto_contrast layer: in training and in inference") {
    reference();
    expect([] { return AutoContrast()(grey() * 0.5 + 20); }, {1, 4, 5}, f32,
           {0,     41.93333, 83.86667, 125.8, 167.7333, 209.6667, 251.6,    3.400002, 45.33333, 87.26668,
            129.2, 171.1333, 213.0667, 255,   6.799999, 48.73333, 90.66667, 132.6,    174.5333, 216.4667},
           1e-5);
    const Tensor colors = tensor({200.0, 30.0, 60.0, 10.0, 250.0, 40.0, 0.0, 20.0, 255.0}, {1, 1, 3, 3});
    check_near(values(AutoContrast({.value_range = {0, 1}}), colors / 510),
               {1, 0.04347826, 0.09302326, 0.05, 1, 0, 0, 0, 1});
    CHECK(values(AutoContrast(), full({1, 2, 2}, 7)) == Numbers{7, 7, 7, 7});
  }

  TEST_CASE("equalization layer: each channel of each image") {
    reference();
    const Tensor x =
        tensor({52.0, 55.0, 61.0, 59.0, 79.0, 61.0, 76.0, 61.0, 52.0, 59.0, 61.0, 67.0, 52.0, 52.0, 200.0},
               {1, 3, 5});
    const Numbers equalized{0, 23, 162, 70, 232, 162, 209, 162, 0, 70, 162, 185, 0, 0, 255};
    expect([&] { return Equalization()(x, training()); }, {1, 3, 5}, f32, equalized);
    CHECK(values(Equalization({.bins = 8}), x) == Numbers{0, 0, 0, 0, 170, 0, 170, 0, 0, 0, 0, 0, 0, 0, 255});
    check_near(values(Equalization({.value_range = {0, 1}}), x / 255),
               {0, 0.09019608, 0.6352941, 0.2745098, 0.909804, 0.6352941, 0.8196079, 0.6352941, 0, 0.2745098,
                0.6352941, 0.7254902, 0, 0, 1});
    CHECK(values(Equalization(), full({1, 2, 2, 1}, 9)) == Numbers{9, 9, 9, 9});
    CHECK(reference_values(Equalization()(x)) == reference_values(x));
    // Another image in the batch, and other channels, change nothing.
    const Tensor both = stack({x[0], x[0] * 0.5 + 3}, -1);
    const Numbers batch = values(Equalization(), stack({both, both * 0 + 1}));
    for (std::size_t i = 0; i < 15; ++i) CHECK(batch[2 * i] == equalized[i]);
  }

  TEST_CASE("contrast_limited_adaptive_histogram_equalization layer") {
    reference();
    using Clahe = ContrastLimitedAdaptiveHistogramEqualization;
    const Tensor place = iota({48}, 0);
    const Tensor x = reshape(cast((place * 37 + place / 5 * 11) % 256, f32), {1, 6, 8});
    // Keras's limit is a whole number on PyTorch; here are the numbers of the other backends.
    check_near(
        values(Clahe({.tile_grid_size = {2, 2}}), x),
        {0,        34.5795,  73.2197,  112.4208, 151.3191, 196.8984, 233.1411, 15.3637,  50.18786, 88.82806,
         140.6021, 177.5407, 212.1461, 248.4789, 34.72447, 81.68993, 117.9293, 155.8024, 193.6755, 226.5827,
         17.0737,  56.52368, 95.05511, 129.0926, 168.4419, 213.7828, 250.0898, 29.49887, 67.63634, 104.6231,
         151.3887, 187.4247, 228.0614, 9.029288, 49.81886, 95.36053, 129.2218, 165.1976, 204.1208, 242.1553,
         37.97208, 76.00661, 114.0412, 145.0808, 180.1176, 229.0816, 11.30419, 45.34166});
    const Numbers limited{0,        31.875,   89.13194, 106.25,   126.3195, 176.3484, 237.3765, 28.59941,
                          63.75,    127.5,    173.5417, 182.3958, 207.7778, 254.581,  47.71025, 102.8539,
                          156.4236, 209.5486, 226.6667, 236.1111, 20.46296, 55.77765, 95.90561, 158.0414,
                          196.5625, 226.6667, 255,      21.25,    59.61806, 90.85248, 153.005,  189.8034,
                          231.3889, 23.61111, 68.17709, 97.98611, 134.2882, 178.2717, 213.1098, 250.2847,
                          56.66667, 113.3333, 136.9445, 155.8333, 217.2222, 248.5992, 15.5983,  65.34211};
    expect(
        [&] {
          return Clahe({.clip_limit = 30, .tile_grid_size = {2, 3}})(x);
        },
        {1, 6, 8}, f32, limited, 1e-5);
    check_near(values(Clahe({.clip_limit = 0, .tile_grid_size = {4, 4}}), expand_dims(x, -1)),
               {0,       85,     116.875,  127.5,   127.5,   127.5,  223.125,  63.75,  170,      255,
                223.125, 255,    223.125,  255,     63.75,   191.25, 159.375,  191.25, 207.1875, 223.125,
                15.9375, 63.75,  111.5625, 159.375, 191.25,  255,    255,      63.75,  127.5,    255,
                223.125, 255,    255,      31.875,  63.75,   95.625, 143.4375, 191.25, 223.125,  255,
                127.5,   191.25, 191.25,   255,     223.125, 255,    31.875,   127.5});
    Numbers unit = limited;
    for (double& each : unit) each /= 255;
    check_near(values(Clahe({.value_range = {0, 1}, .clip_limit = 30, .tile_grid_size = {2, 3}}), x / 255),
               unit);
  }

  TEST_CASE("random layers of images: each image alone, and only in training") {
    reference();
    const std::vector<std::pair<std::string, Layer>> layers{
        {"sharpness", RandomSharpness(1)},
        {"blur", RandomGaussianBlur({.factor = {1, 1}})},
        {"erasing", RandomErasing({.factor = {1, 1}})},
        {"shear", RandomShear(0.5, 0.5)},
        {"perspective", RandomPerspective({.factor = {1, 1}})},
        {"elastic", RandomElasticTransform({.factor = {1, 1}})}};
    const Tensor pixels = tile(expand_dims(grey(), -1), {6, 3, 3, 1}), plain = squeeze(pixels, {-1});
    for (const auto& [name, layer] : layers) {
      CAPTURE(name);
      CHECK(reference_values(layer(pixels)) == reference_values(pixels));
      CHECK(layer(cast(pixels, u8), training()).dtype() == f32);
      CHECK(layer(plain, training()).shape() == plain.shape());
      const Numbers all = values(layer, pixels);
      std::set<Numbers> different;
      for (auto i = all.begin(); i != all.end(); i += 180) different.insert(Numbers(i, i + 180));
      CHECK(different.size() == 6);
      CHECK(all != values(layer, pixels, 2));
    }
  }

  TEST_CASE("layers of images: errors") {
    reference();
    using Clahe = ContrastLimitedAdaptiveHistogramEqualization;
    const auto unit = [](const std::string& layer, const std::string& what) {
      return "[" + layer + "] " + what + " lies between 0 and 2; both must lie in [0, 1], the lower first.";
    };
    CHECK(error_of([] { RandomSharpness(2); }) == unit("random_sharpness", "factor"));
    CHECK(error_of([] { RandomGaussianBlur({.sigma = 2}); }) == unit("random_gaussian_blur", "sigma"));
    CHECK(error_of([] { RandomGaussianBlur({.kernel_size = 4}); }) ==
          "[random_gaussian_blur] kernel_size is 4; it must be odd and positive.");
    CHECK(error_of([] { RandomErasing({.scale = 2}); }) == unit("random_erasing", "scale"));
    CHECK(error_of([] {
            RandomErasing({.fill_value = {1, 2}})(zeros({1, 2, 2, 3}), training());
          }) == "[random_erasing] 2 fill values for f32[1,2,2,3]; one, or one for each channel, is needed.");
    CHECK(error_of([] { RandomShear(2); }) == unit("random_shear", "x_factor"));
    CHECK(error_of([] { RandomShear(0, 2); }) == unit("random_shear", "y_factor"));
    CHECK(error_of([] { RandomPerspective({.factor = 2}); }) == unit("random_perspective", "factor"));
    CHECK(error_of([] { RandomPerspective({.scale = -1}); }) ==
          "[random_perspective] scale is -1; it must lie in [0, 1].");
    CHECK(error_of([] { RandomElasticTransform({.scale = 2}); }) ==
          unit("random_elastic_transform", "scale"));
    CHECK(error_of([] { RandomElasticTransform({.fill_mode = "mirror"}); }) ==
          "[random_elastic_transform] fill_mode 'mirror' is unknown; choose one of constant, reflect, wrap, "
          "nearest.");
    CHECK(error_of([] {
            AutoContrast({.value_range = {2, 2}});
          }) == "[auto_contrast] values range from 2 to 2; the lower comes first.");
    CHECK(error_of([] { Equalization({.bins = 1}); }) == "[equalization] 1 bins; two at least are needed.");
    CHECK(error_of([] { Clahe({.clip_limit = -1}); }) ==
          "[contrast_limited_adaptive_histogram_equalization] clip_limit is -1; it must not be negative.");
    CHECK(error_of([] {
            Clahe({.tile_grid_size = {0, 8}});
          }) ==
          "[contrast_limited_adaptive_histogram_equalization] tile_grid_size is 0 by 8; both must be "
          "positive.");
    CHECK(error_of([] {
            AutoContrast()(zeros({2, 3}));
          }) == "[auto_contrast] takes [batch, height, width] with or without channels, not f32[2,3].");
  }
}

}  // namespace hekla::testing
