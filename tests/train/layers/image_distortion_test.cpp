// Distortions of images. Expected numbers are those of Keras 3.15's layers with their random numbers fixed.
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

Numbers values(const Layer& layer, const Tensor& x, std::uint32_t seed = 1) {
  return reference_values(layer(x, training(seed)));
}

double deviation_of(const Numbers& x) {
  double total = 0, squares = 0;
  for (const double each : x) {
    total += each;
    squares += each * each;
  }
  const auto n = static_cast<double>(x.size());
  return std::sqrt(squares / n - total / n * total / n);
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("random_shear layer: of a random sign") {
    reference();
    const Tensor x = counted({1, 3, 4}) + 1;
    const Numbers forward{1, 4, 7, 10, 5.25, 8.25, 11.25, 4.5, 9.5, 5.25, 0, 0};
    const Numbers back{1, 1, 0, 0, 3.75, 3.75, 2.75, 1.875, 4.5, 7.5, 6.5, 5.5};
    std::set<Numbers> seen;
    for (std::uint32_t seed = 0; seed < 12; ++seed)
      seen.insert(values(RandomShear({0.25, 0.25}, {0.5, 0.5}, {.fill_mode = "constant"}), x, seed));
    CHECK(seen == std::set<Numbers>{forward, back});
    const Numbers reflected{1, 4, 7, 10, 5.25, 8.25, 11.25, 12, 9.5, 10.5, 11.5, 10};
    bool was_reflected = false;
    for (std::uint32_t seed = 0; seed < 12; ++seed)
      was_reflected |= values(RandomShear({0.25, 0.25}, {0.5, 0.5}), x, seed) == reflected;
    CHECK(was_reflected);
    expect([&] { return RandomShear()(x, training()); }, {1, 3, 4}, f32, reference_values(x));
  }

  TEST_CASE("random_perspective layer: the projective map of the corners") {
    reference();
    const Tensor x = reshape(counted({12}) + 1, {1, 3, 4, 1});
    const auto corner = [](double number) { return full({1, 1, 1}, number); };
    const auto seen = [&](const Numbers& at, const ImageSampling& sampling) {
      return in_perspective(x, {corner(at[0]), corner(at[1]), corner(at[2]), corner(at[3])}, sampling);
    };
    const ImageSampling bilinear{.fill_mode = FillMode::constant};
    const ImageSampling nearest{
        .fill_mode = FillMode::constant, .interpolation = Interpolation::nearest, .fill_value = 7};
    expect(
        [&] {
          return seen({0.8, 1.1, 1.15, 0.7}, bilinear);
        },
        {1, 3, 4, 1}, f32,
        {1, 2.043815, 3.366444, 0, 5.675324, 6.857152, 8.265118, 9.970989, 8.552447, 9.431109, 8.570652,
         7.304995},
        1e-5);
    check_near(reference_values(seen({0.8, 1.1, 1.15, 0.7}, nearest)),
               {1, 2, 3, 7, 5, 6, 7, 12, 9, 10, 10, 11});
    check_near(reference_values(seen({1.5, 1.4, 0.5, 0.5}, bilinear)),
               {1, 0, 0, 0, 0, 0, 8.090909, 5.55, 0, 8.3125, 6.2, 5.205883});
    check_near(reference_values(seen({1, 1, 1, 1}, bilinear)), reference_values(x));

    // A corner at random stays in its range: the value at the top left never moves.
    for (std::uint32_t seed = 0; seed < 10; ++seed) {
      const Numbers y = values(RandomPerspective({.factor = {1, 1}}), x, seed);
      CHECK(y[0] == 1);
      CHECK(std::ranges::all_of(y, [](double each) { return each >= 0 && each <= 12; }));
    }
    check_near(values(RandomPerspective({.factor = {1, 1}, .scale = 0}), x), reference_values(x));
    CHECK(values(RandomPerspective({.factor = 0}), x) == reference_values(x));
  }

  TEST_CASE("random_elastic_transform layer: a smooth field of the deviation that the formula gives") {
    reference();
    // Of an image that shows its columns, the result shows where a pixel was.
    const Tensor columns = iota({16, 32, 32}, 2, f32);
    const RandomElasticTransform layer({.factor = {1, 1}, .scale = {1, 1}, .fill_mode = "nearest"});
    const Numbers inside = reference_values(slice(layer(columns, training()) - columns,
                                                  {{}, {.start = 6, .stop = 26}, {.start = 6, .stop = 26}}));
    // Sigma is 1.6, alpha 3.2; smoothing along two axes leaves the sum of the squared weights of the noise's variance.
    const Numbers weights = reference_values(gaussian_weights(full({1}, 1.6), 9));
    double squares = 0;
    for (const double weight : weights) squares += weight * weight;
    CHECK(deviation_of(inside) == doctest::Approx(3.2 * 1.6 * squares).epsilon(0.1));
    // Neighbours move alike: their difference is small.
    Numbers steps;
    for (std::size_t i = 1; i < inside.size(); ++i)
      if (i % 20 != 0) steps.push_back(inside[i] - inside[i - 1]);
    CHECK(deviation_of(steps) < 0.6 * deviation_of(inside));
    CHECK(values(RandomElasticTransform({.scale = 0}), columns) == reference_values(columns));
    CHECK(values(RandomElasticTransform({.factor = 0}), columns) == reference_values(columns));
  }
}

}  // namespace hekla::testing
