// Random augmentation of images: its results, independence between images, and inference.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "hekla.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"
#include "tests/train/layers/support.h"

namespace hekla::testing {

namespace {

using Numbers = std::vector<double>;

// The same image `count` times.
Tensor copies(std::int64_t count, const Shape& image) {
  Shape shape{count};
  for (const std::int64_t size : image) shape.push_back(size);
  return broadcast_to(counted(image), shape);
}

// The distinct images of a batch.
std::set<Numbers> different(const Tensor& images) {
  const Numbers all = reference_values(images);
  const auto size = static_cast<std::ptrdiff_t>(images.count() / images.size(0));
  std::set<Numbers> found;
  for (auto i = all.begin(); i != all.end(); i += size) found.insert(Numbers(i, i + size));
  return found;
}

const Tensor& square() {
  static const Tensor x = tensor({1.0, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 3, 3});
  return x;
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("random layers: inference leaves images alone, training keeps shapes and follows the seed") {
    reference();
    const std::vector<std::pair<std::string, Layer>> layers{{"flip", RandomFlip()},
                                                            {"crop", RandomCrop(4, 6)},
                                                            {"rotation", RandomRotation(0.2)},
                                                            {"translation", RandomTranslation(0.3, 0.3)},
                                                            {"zoom", RandomZoom(0.4)},
                                                            {"zoom by two", RandomZoom(0.4, 0.2)}};
    for (const auto& each : layers) {
      CAPTURE(each.first);
      const Layer& layer = each.second;
      const Tensor pixels = copies(8, {4, 6, 1}), plain = copies(8, {4, 6});
      CHECK(reference_values(layer(pixels)) == reference_values(pixels));
      const Tensor y = layer(pixels, training(3));
      CHECK(y.shape() == pixels.shape());
      CHECK(layer(plain, training(3)).shape() == plain.shape());
      CHECK(reference_values(y) == reference_values(layer(plain, training(3))));
      CHECK(layer(cast(pixels, u8), training(3)).dtype() == f32);
      if (each.first == "crop") continue;  // There is only one position.
      CHECK(different(y).size() >= (each.first == "flip" ? 3 : 8));
      CHECK(reference_values(y) != reference_values(layer(pixels, training(4))));
    }
  }

  TEST_CASE("random_flip layer") {
    reference();
    const Tensor x = copies(40, {2, 2});
    const Numbers same{0, 1, 2, 3}, sideways{1, 0, 3, 2}, upside_down{2, 3, 0, 1}, both{3, 2, 1, 0};
    CHECK(different(RandomFlip("horizontal")(x, training())) == std::set<Numbers>{same, sideways});
    CHECK(different(RandomFlip("vertical")(x, training())) == std::set<Numbers>{same, upside_down});
    CHECK(different(RandomFlip()(x, training())) == std::set<Numbers>{same, sideways, upside_down, both});
  }

  TEST_CASE("random_crop layer") {
    reference();
    const RandomCrop layer(2, 1);
    const Tensor x = copies(60, {3, 2});
    CHECK(different(layer(x, training())) == std::set<Numbers>{{0, 2}, {1, 3}, {2, 4}, {3, 5}});
    check_values(layer(counted({1, 4, 3, 1})), {1, 2, 1, 1}, {4, 7});
  }

  TEST_CASE("random_rotation layer: counterclockwise by a known angle") {
    expect(
        [] {
          return RandomRotation({0.25, 0.25})(square(), training());
        },
        {1, 3, 3}, f32, {3, 6, 9, 2, 5, 8, 1, 4, 7}, 1e-5);
    check_values(RandomRotation({-0.25, -0.25})(square(), training()), {1, 3, 3},
                 {7, 4, 1, 8, 5, 2, 9, 6, 3});
    const RandomRotation nearest({0.5, 0.5}, {.interpolation = "nearest"});
    check_values(nearest(expand_dims(square(), -1), training()), {1, 3, 3, 1}, {9, 8, 7, 6, 5, 4, 3, 2, 1});
  }

  TEST_CASE("random_rotation layer: between pixels and beyond the border") {
    reference();
    // Rotated by an eighth of a turn, the corners of the result are sqrt(2) from the center along an axis.
    const auto turned = [](const std::string& fill_mode) {
      return reference_values(
          RandomRotation({0.125, 0.125}, {.fill_mode = fill_mode, .fill_value = 100})(square(), training()));
    };
    const double beyond = std::sqrt(2.0) - 1, diagonal = std::sqrt(0.5);
    // The upper right corner shows the middle of the right column and the area beyond it.
    CHECK(turned("nearest")[2] == doctest::Approx(6));
    CHECK(turned("reflect")[2] == doctest::Approx(6));
    CHECK(turned("wrap")[2] == doctest::Approx(6 * (1 - beyond) + 4 * beyond));
    CHECK(turned("constant")[2] == doctest::Approx(6 * (1 - beyond) + 100 * beyond));
    // Above the center, the diagonal toward the upper right is shown, along which the image is linear.
    CHECK(turned("constant")[1] == doctest::Approx(5 + diagonal * (3 - 5)));
    CHECK(turned("constant")[4] == doctest::Approx(5));
  }

  TEST_CASE("random_translation layer: down and to the right") {
    reference();
    const double third = 1.0 / 3;
    const auto moved = [&](RandomFactor down, RandomFactor right, const std::string& fill_mode) {
      return RandomTranslation(down, right, {.fill_mode = fill_mode})(square(), training());
    };
    check_values(moved({third, third}, 0, "constant"), {1, 3, 3}, {0, 0, 0, 1, 2, 3, 4, 5, 6});
    check_values(moved(0, {third, third}, "nearest"), {1, 3, 3}, {1, 1, 2, 4, 4, 5, 7, 7, 8});
    check_values(moved(0, {2 * third, 2 * third}, "reflect"), {1, 3, 3}, {2, 1, 1, 5, 4, 4, 8, 7, 7});
    check_values(moved(0, {-third, -third}, "wrap"), {1, 3, 3}, {2, 3, 1, 5, 6, 4, 8, 9, 7});
    check_values(moved(0, {third / 2, third / 2}, "constant"), {1, 3, 3},
                 {0.5, 1.5, 2.5, 2, 4.5, 5.5, 3.5, 7.5, 8.5});
  }

  TEST_CASE("random_zoom layer: positive factors shrink") {
    reference();
    check_values(RandomZoom(RandomFactor(-0.5, -0.5))(square(), training()), {1, 3, 3},
                 {3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7});
    check_values(RandomZoom({1, 1}, RandomFactor(0), {.fill_mode = "constant"})(square(), training()),
                 {1, 3, 3}, {0, 0, 0, 4, 5, 6, 0, 0, 0});
  }

  TEST_CASE("random_contrast layer: distances from the mean of an image's channel") {
    reference();
    const Tensor images = tensor({1.0, 10, 3, 30, 5, 50, 7, 70}, {1, 2, 2, 2});
    // The means are 4 and 40.
    check_values(RandomContrast(RandomFactor(0.5, 0.5))(images, training()), {1, 2, 2, 2},
                 {0, 0, 2.5, 25, 5.5, 55, 8.5, 85});
    check_values(RandomContrast(RandomFactor(-0.5, -0.5), {.value_range = {0, 50}})(images, training()),
                 {1, 2, 2, 2}, {2.5, 25, 3.5, 35, 4.5, 45, 5.5, 50});
    check_values(RandomContrast(0.9)(images), {1, 2, 2, 2}, {1, 10, 3, 30, 5, 50, 7, 70});
    // One factor for each image.
    const Tensor two = concat({images, images}, 0);
    const std::vector<double> drawn =
        reference_values(RandomContrast(0.9, {.value_range = {-1000, 1000}})(two, training()));
    const auto change = [&](std::size_t i) { return (drawn[i] - 4) / (reference_values(two)[i] - 4); };
    CHECK(change(0) == doctest::Approx(change(6)));
    CHECK(std::abs(change(0) - change(8)) > 1e-3);
    check_values(RandomContrast(RandomFactor(1, 1))(tensor({1.0, 3}, {1, 1, 2}), training()), {1, 1, 2},
                 {0, 4});
  }

  TEST_CASE("random_brightness layer: one number is added to all pixels") {
    reference();
    const Tensor images = tensor({10.0, 100, 240, 0}, {1, 2, 2});
    check_values(RandomBrightness(RandomFactor(0.2, 0.2))(images, training()), {1, 2, 2}, {61, 151, 255, 51});
    check_values(RandomBrightness(RandomFactor(-0.2, -0.2), {.value_range = {0, 100}})(images, training()),
                 {1, 2, 2}, {0, 80, 100, 0});
    check_values(RandomBrightness(0.5)(images), {1, 2, 2}, {10, 100, 240, 0});
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
      const double drawn = reference_values(RandomBrightness(0.3)(full({1, 1, 1}, 100), training(seed)))[0];
      CHECK(std::abs(drawn - 100) <= 0.3 * 255);
    }
  }

  TEST_CASE("random layers: errors") {
    reference();
    CHECK(error_of([] { RandomContrast(1.5); }) ==
          "[random_contrast] factor lies between -1.5 and 1.5; both must lie in [-1, 1].");
    CHECK(error_of([] {
            RandomBrightness({0.2, 0.1});
          }) == "[random_brightness] factor lies between 0.2 and 0.1; the lower bound comes first.");
    CHECK(error_of([] {
            RandomBrightness(0.1, {.value_range = {1, 1}});
          }) == "[random_brightness] values range from 1 to 1; the lower comes first.");
    CHECK(error_of([] {
            RandomContrast(0.1)(zeros({2, 3}));
          }) == "[random_contrast] takes [batch, height, width] with or without channels, not f32[2,3].");
    const std::string images = "takes [batch, height, width] with or without channels, not f32[2,3].";
    const Tensor x = zeros({2, 3});
    CHECK(error_of([] { RandomFlip("diagonal"); }) ==
          "[random_flip] mode 'diagonal' is unknown; choose one of horizontal, vertical, "
          "horizontal_and_vertical.");
    CHECK(error_of([&] { RandomFlip("vertical", {.name = "mirror"})(x); }) == "[mirror] " + images);
    CHECK(error_of([] { RandomCrop(0, 2); }) == "[random_crop] 0 by 2; both must be positive.");
    CHECK(error_of([&] { RandomCrop(1, 2)(x); }) == "[random_crop] " + images);
    CHECK(error_of([] {
            RandomCrop(5, 2)(zeros({2, 4, 4, 1}));
          }) == "[random_crop] 5 by 2 are to be cut from f32[2,4,4,1]; images must not be smaller.");
    CHECK(error_of([] {
            RandomRotation({0.2, 0.1});
          }) == "[random_rotation] factor lies between 0.2 and 0.1; the lower bound comes first.");
    CHECK(error_of([] { RandomRotation(0.1, {.fill_mode = "mirror"}); }) ==
          "[random_rotation] fill_mode 'mirror' is unknown; choose one of constant, reflect, wrap, nearest.");
    CHECK(error_of([] { RandomRotation(0.1, {.interpolation = "cubic"}); }) ==
          "[random_rotation] interpolation 'cubic' is unknown; choose one of bilinear, nearest.");
    CHECK(error_of([&] { RandomRotation(0.1)(x); }) == "[random_rotation] " + images);
    CHECK(error_of([] {
            RandomTranslation(0.1, {0.2, 0.1});
          }) == "[random_translation] width_factor lies between 0.2 and 0.1; the lower bound comes first.");
    CHECK(error_of([&] { RandomTranslation(0.1, 0.1)(x); }) == "[random_translation] " + images);
    CHECK(error_of([] { RandomZoom(1); }) ==
          "[random_zoom] height_factor lies between -1 and 1; it must be above -1.");
    CHECK(error_of([&] { RandomZoom(0.1)(x); }) == "[random_zoom] " + images);
  }
}

}  // namespace hekla::testing
