// Random changes of colors. Expected numbers are those of Keras 3.15's layers with their random numbers fixed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

using Numbers = std::vector<double>;

const Shape shape{1, 2, 3, 3};

Tensor colors() {
  return tensor({200.0, 30.0, 60.0, 10.0, 250.0, 40.0, 0.0, 20.0, 255.0, 128.0, 128.0, 128.0, 90.0, 200.0,
                 200.0, 255.0, 255.0, 0.0},
                shape);
}

// What a layer makes of the colors in training, on the devices.
void check_colors(const Layer& layer, const Numbers& expected) {
  expect([&] { return layer(colors(), training()); }, shape, f32, expected, 1e-5);
}

Numbers values(const Layer& layer, const Tensor& x, std::uint32_t seed = 1) {
  return reference_values(layer(x, training(seed)));
}

bool near(const Numbers& a, const Numbers& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return std::abs(x - y) < 1e-3; });
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("random_saturation layer") {
    reference();
    check_colors(RandomSaturation({0.3, 0.3}), {200, 127.1429, 140, 147.1429, 250, 160, 145.7143, 154.2857,
                                                255, 128, 128, 128, 152.8571, 200, 200, 255, 255, 145.7143});
    CHECK(near(values(RandomSaturation({0.8, 0.8}), colors()),
               {200, 0, 35.29415, 0, 250, 31.25, 0, 19.99994, 255, 128, 128, 128, 0, 200, 200, 255, 255, 0}));
    CHECK(near(values(RandomSaturation({0, 0}), colors()),
               {200, 200, 200, 250, 250, 250, 255, 255, 255, 128, 128, 128, 200, 200, 200, 255, 255, 255}));
    CHECK(near(values(RandomSaturation({0.5, 0.5}, {.value_range = {-100, 300}}), colors()),
               reference_values(colors())));
  }

  TEST_CASE("random_hue layer: in either direction") {
    reference();
    const Numbers forward{196, 200, 30, 10, 172, 250, 255, 0, 224, 128, 128, 128, 112, 90, 200, 0, 255, 51};
    const Numbers back{136, 30, 200, 250, 232, 10, 0, 255, 184, 128, 128, 128, 112, 200, 90, 255, 0, 51};
    bool was_forward = false, was_back = false;
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
      const Numbers turned = values(RandomHue({0.4, 0.4}), colors(), seed);
      CHECK((near(turned, forward) || near(turned, back)));
      was_forward |= near(turned, forward);
      was_back |= near(turned, back);
    }
    CHECK((was_forward && was_back));
    // A whole half turn is the same in both directions; on the devices, too.
    check_colors(RandomHue({1, 1}),
                 {30, 200, 170, 250, 10, 220, 255, 235, 0, 128, 128, 128, 200, 90, 90, 0, 0, 255});
  }

  TEST_CASE("random_color_degeneration and random_grayscale layers") {
    reference();
    check_colors(RandomColorDegeneration({0.7, 0.7}),
                 {118.961, 67.961, 76.961, 111.0093, 183.0093, 120.0093, 28.567, 34.567, 105.067, 127.991,
                  127.991, 127.991, 143.9707, 176.9707, 176.9707, 234.6332, 234.6332, 158.1331});
    const Numbers grey{84.23,    84.23,    84.23,    154.299, 154.299, 154.299, 40.81,    40.81,    40.81,
                       127.9872, 127.9872, 127.9872, 167.101, 167.101, 167.101, 225.9045, 225.9045, 225.9045};
    check_colors(RandomGrayscale(1), grey);
    CHECK(values(RandomGrayscale(0), colors()) == reference_values(colors()));
    int greys = 0;
    for (std::uint32_t seed = 0; seed < 40; ++seed)
      greys += near(values(RandomGrayscale(), colors(), seed), grey);
    CHECK((greys > 8 && greys < 32));
  }

  TEST_CASE("random_invert layer") {
    reference();
    check_colors(RandomInvert({1, 1}),
                 {55, 225, 195, 245, 5, 215, 255, 235, 0, 127, 127, 127, 165, 55, 55, 0, 0, 255});
    CHECK(values(RandomInvert({1, 1}, {.value_range = {-1, 1}}), tensor({0.25, -1.0}, {1, 1, 2})) ==
          Numbers{-0.25, 1});
    CHECK(values(RandomInvert(0), colors()) == reference_values(colors()));
  }

  TEST_CASE("random_posterization layer: the upper bits") {
    reference();
    check_colors(RandomPosterization(3),
                 {192, 0, 32, 0, 224, 32, 0, 0, 224, 128, 128, 128, 64, 192, 192, 224, 224, 0});
    CHECK(values(RandomPosterization(1), colors()) ==
          Numbers{128, 0, 0, 0, 128, 0, 0, 0, 128, 128, 128, 128, 0, 128, 128, 128, 128, 0});
    // On every device a byte that became a fraction is that byte again.
    Tensor all_bytes = cast(iota({1, 16, 16}, 1) * 16 + iota({1, 16, 16}, 2), f32);
    const Layer unit = RandomPosterization(8, {.value_range = {0, 1}});
    expect([&] { return round(unit(all_bytes / 255, training()) * 255); }, {1, 16, 16}, f32,
           reference_values(all_bytes));
    std::set<double> steps;
    for (std::uint32_t seed = 0; seed < 40; ++seed)
      steps.insert(values(RandomPosterization({2, 5}), tensor({255.0}, {1, 1, 1}), seed)[0]);
    CHECK(steps == std::set<double>{192, 224, 240, 248});
  }

  TEST_CASE("solarization layer") {
    reference();
    check_colors(Solarization({.addition_factor = {0.2, 0.2}, .threshold_factor = {0.6, 0.6}}),
                 {4, 81, 111, 61, 0, 91, 51, 71, 0, 76, 76, 76, 141, 4, 4, 0, 0, 51});
    // Keras's default inverts all pixels.
    CHECK(values(Solarization(), tensor({255.0, 3.0}, {1, 1, 2})) == Numbers{0, 252});
    CHECK(values(Solarization({.threshold_factor = {0.5, 0.5}, .value_range = {-1, 1}}),
                 tensor({-0.5, 0.25}, {1, 1, 2})) == Numbers{-0.5, -0.25});
  }

  TEST_CASE("random_color_jitter layer: its parts one after the other") {
    reference();
    CHECK(near(values(RandomColorJitter({.brightness_factor = RandomFactor(0.1, 0.1)}), colors()),
               {225.5, 55.5, 85.5, 35.5, 255, 65.5, 25.5, 45.5, 255, 153.5, 153.5, 153.5, 115.5, 225.5, 225.5,
                255, 255, 25.5}));
    CHECK(values(RandomColorJitter(), colors()) == reference_values(colors()));
    const RandomColorJitter all({.brightness_factor = RandomFactor(0.1, 0.1),
                                 .contrast_factor = RandomFactor(-0.2, -0.2),
                                 .saturation_factor = UnitFactor(0.3, 0.3),
                                 .hue_factor = UnitFactor(1, 1)});
    const Tensor bright = RandomBrightness({0.1, 0.1})(colors(), training());
    const Tensor flat = RandomContrast({-0.2, -0.2})(bright, training());
    const Tensor pale = RandomSaturation({0.3, 0.3})(flat, training());
    CHECK(near(values(all, colors()), reference_values(RandomHue({1, 1})(pale, training()))));
  }

  TEST_CASE("random layers of colors: each image alone, in range, and only in training") {
    reference();
    const std::vector<std::pair<std::string, Layer>> layers{
        {"saturation", RandomSaturation(1)},
        {"hue", RandomHue(1)},
        {"degeneration", RandomColorDegeneration(1)},
        {"grayscale", RandomGrayscale()},
        {"invert", RandomInvert({0.5, 0.5})},
        {"posterization", RandomPosterization({1, 8})},
        {"solarization", Solarization({.addition_factor = 1, .threshold_factor = 1})},
        {"jitter", RandomColorJitter({.brightness_factor = 0.5, .hue_factor = 0.5})}};
    const Tensor eight = tile(colors(), {8, 1, 1, 1});
    for (const auto& [name, layer] : layers) {
      CAPTURE(name);
      CHECK(layer(cast(eight, u8)).dtype() == f32);
      CHECK(reference_values(layer(eight)) == reference_values(eight));
      const Numbers all = values(layer, eight);
      std::set<Numbers> different;
      for (auto i = all.begin(); i != all.end(); i += 18) different.insert(Numbers(i, i + 18));
      CHECK(different.size() >= 2);
      CHECK(std::ranges::all_of(all, [](double x) { return x >= -1e-3 && x <= 255.001; }));
      CHECK(all != values(layer, eight, 2));
    }
  }

  TEST_CASE("random layers of colors: errors") {
    reference();
    CHECK(error_of([] {
            RandomSaturation({0.4, 0.2});
          }) ==
          "[random_saturation] factor lies between 0.4 and 0.2; both must lie in [0, 1], the lower first.");
    CHECK(error_of([] { RandomHue(1.5); }) ==
          "[random_hue] factor lies between 0 and 1.5; both must lie in [0, 1], the lower first.");
    CHECK(error_of([] {
            RandomColorDegeneration(0.5, {.value_range = {1, 0}});
          }) == "[random_color_degeneration] values range from 1 to 0; the lower comes first.");
    CHECK(error_of([] { RandomGrayscale(2); }) == "[random_grayscale] factor is 2; it must lie in [0, 1].");
    CHECK(error_of([] {
            RandomInvert({-1, 0});
          }) == "[random_invert] factor lies between -1 and 0; both must lie in [0, 1], the lower first.");
    CHECK(error_of([] { RandomPosterization(9); }) ==
          "[random_posterization] factor lies between 9 and 9 bits; 1 <= lower <= upper <= 8 is needed.");
    CHECK(error_of([] { Solarization({.threshold_factor = 2}); }) ==
          "[solarization] threshold_factor lies between 0 and 2; both must lie in [0, 1], the lower first.");
    CHECK(error_of([] { RandomColorJitter({.hue_factor = 2}); }) ==
          "[random_hue] factor lies between 0 and 2; both must lie in [0, 1], the lower first.");
    CHECK(error_of([] {
            RandomHue(1)(zeros({2, 3, 3, 1}));
          }) == "[random_hue] takes [batch, height, width, 3], red, green and blue, not f32[2,3,3,1].");
    CHECK(error_of([] {
            RandomInvert()(zeros({2, 3}));
          }) == "[random_invert] takes [batch, height, width] with or without channels, not f32[2,3].");
  }
}

}  // namespace hekla::testing
