// RandAugment and AugMix, MixUp and CutMix.
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

Tensor pictures(std::int64_t count) {
  return tile(cast(counted({1, 6, 5, 3}) * 37 % 256, f32), {count, 1, 1, 1});
}

std::set<Numbers> different(const Tensor& images) {
  const Numbers all = reference_values(images);
  const auto size = static_cast<std::ptrdiff_t>(images.count() / images.size(0));
  std::set<Numbers> found;
  for (auto i = all.begin(); i != all.end(); i += size) found.insert(Numbers(i, i + size));
  return found;
}

void check_policy(const Layer& layer) {
  const Tensor x = pictures(12);
  CHECK(reference_values(layer(x)) == reference_values(x));
  const Tensor y = layer(cast(x, u8), training());
  CHECK(y.shape() == x.shape());
  CHECK(y.dtype() == f32);
  CHECK(different(y).size() >= 8);
  const Numbers values = reference_values(y);
  CHECK(std::ranges::all_of(values, [](double each) { return each >= -1e-3 && each <= 255.001; }));
  CHECK(values != reference_values(layer(x, training(2))));
}

}  // namespace

TEST_SUITE("train") {
  TEST_CASE("rand_augment layer: each image meets other changes") {
    reference();
    check_policy(RandAugment());
    const Tensor x = pictures(3);
    CHECK(reference_values(RandAugment({.num_ops = 0})(x, training())) == reference_values(x));
    // One change of strength 0 leaves an image alone, inverts it (solarization), keeps its upper bit, stretches its contrast,
    // equalizes or smooths it.
    const RandAugment once({.num_ops = 1, .factor = 0});
    const auto changed = [](const Layer& layer) { return reference_values(layer(pictures(1), training())); };
    const std::vector<Numbers> possible{reference_values(pictures(1)),   changed(Solarization()),
                                        changed(RandomPosterization(1)), changed(AutoContrast()),
                                        changed(Equalization()),         changed(RandomSharpness(0))};
    std::set<std::size_t> met;
    for (const Numbers& each : different(once(pictures(64), training()))) {
      const auto found = std::ranges::find_if(possible, [&](const Numbers& other) {
        return std::ranges::equal(each, other, [](double a, double b) { return std::abs(a - b) < 1e-3; });
      });
      REQUIRE(found != possible.end());
      met.insert(static_cast<std::size_t>(found - possible.begin()));
    }
    CHECK(met.size() == possible.size());
  }

  TEST_CASE("aug_mix layer: mixed chains") {
    reference();
    check_policy(AugMix({.num_chains = 2, .chain_depth = 2}));
    check_policy(AugMix({.num_chains = 1, .chain_depth = 1, .all_ops = false}));
    // Chains of no change give the image again, as all weights have the sum 1.
    const Tensor x = pictures(3);
    const Numbers unchanged = reference_values(AugMix({.chain_depth = 0})(x, training())),
                  given = reference_values(x);
    for (std::size_t i = 0; i < given.size(); ++i) CHECK(unchanged[i] == doctest::Approx(given[i]));
  }

  TEST_CASE("rand_augment layer: the same on every device") {
    const RandAugment layer({.num_ops = 1});
    const Numbers expected = reference_values(layer(pictures(8), training()));
    expect([&] { return layer(pictures(8), training()); }, {8, 6, 5, 3}, f32, expected, 1e-3);
  }

  TEST_CASE("mix_up: examples and targets in the same proportion") {
    reference();
    const Tensor labels = one_hot(arange(6), 6);
    // The inputs say which examples were mixed, as the targets do.
    const Batch batch{.inputs = {cast(reshape(labels, {6, 2, 3, 1}) * 100, u8)},
                      .targets = {labels},
                      .sample_weight = counted({6})};
    const Batch mixed = MixUp({.alpha = 1})(batch, training());
    CHECK(mixed.inputs[0].dtype() == f32);
    const Numbers inputs = reference_values(mixed.inputs[0]), targets = reference_values(mixed.targets[0]);
    const Numbers weights = reference_values(mixed.sample_weight);
    std::set<double> shares;
    for (std::size_t i = 0; i < 6; ++i) {
      double total = 0, weight = 0;
      for (std::size_t k = 0; k < 6; ++k) {
        CHECK(inputs[i * 6 + k] == doctest::Approx(100 * targets[i * 6 + k]));
        total += targets[i * 6 + k];
        weight += targets[i * 6 + k] * static_cast<double>(k);
      }
      CHECK(total == doctest::Approx(1));
      CHECK(weights[i] == doctest::Approx(weight).epsilon(1e-4));
      CHECK(targets[i * 6 + i] > 0);
      shares.insert(targets[i * 6 + i]);
    }
    CHECK(shares.size() >= 4);
    CHECK(MixUp()(batch, Mode::inference()).inputs[0].get() == batch.inputs[0].get());
  }

  TEST_CASE("cut_mix: a rectangle of another image, and its share of the target") {
    reference();
    const Tensor labels = one_hot(arange(6), 6);
    const Tensor images = broadcast_to(reshape(counted({6}), {6, 1, 1}), {6, 40, 50});
    const Batch mixed = CutMix()({.inputs = {images}, .targets = {labels}}, training());
    const Numbers pixels = reference_values(mixed.inputs[0]), targets = reference_values(mixed.targets[0]);
    for (std::size_t i = 0; i < 6; ++i) {
      Numbers share(6);
      for (std::size_t at = 0; at < 2000; ++at)
        share.at(static_cast<std::size_t>(pixels[i * 2000 + at])) += 1.0 / 2000;
      // The rectangle begins and ends between pixels.
      for (std::size_t k = 0; k < 6; ++k) CHECK(std::abs(share[k] - targets[i * 6 + k]) < 0.05);
    }
    CHECK(different(mixed.targets[0]).size() >= 4);
  }

  TEST_CASE("mix_up and cut_mix: as maps of a data set that is trained with") {
    reference();
    const Tensor images = random_uniform({32, 4, 4, 1}, random_key(1)).detach();
    const Dataset data = Dataset(images, cast(mean(images, {1, 2, 3}) > 0.5, i32).detach())
                             .map_targets([](const Tensor& y) { return one_hot(y, 2); })
                             .map_batch(MixUp())
                             .map_batch(CutMix());
    Sequential model({Flatten(), Dense(2, softmax)});
    model.compile({.loss = "categorical_crossentropy"});
    const History history = model.fit(data, {.epochs = 2, .verbose = 0});
    CHECK(std::isfinite(model.evaluate(data, {.verbose = 0})["loss"]));
  }

  TEST_CASE("policies and mixing: errors") {
    reference();
    CHECK(error_of([] { RandAugment({.num_ops = -1}); }) ==
          "[rand_augment] num_ops is -1; it must not be negative.");
    CHECK(error_of([] { RandAugment({.factor = 2}); }) ==
          "[rand_augment] factor lies between 0 and 2; both must lie in [0, 1], the lower first.");
    CHECK(error_of([] { AugMix({.num_chains = 0}); }) ==
          "[aug_mix] 0 chains of depth 3; one chain at least is needed, of depth 0 or more.");
    CHECK(error_of([] { AugMix({.alpha = 0}); }) == "[aug_mix] alpha is 0; it must be positive.");
    CHECK(error_of([] {
            RandAugment()(zeros({1, 2, 2}));
          }) == "[rand_augment] takes [batch, height, width, 3], red, green and blue, not f32[1,2,2].");
    CHECK(error_of([] { MixUp({.alpha = 0}); }) == "[mix_up] alpha is 0; it must be positive.");
    CHECK(error_of([] { CutMix({.factor = 2}); }) ==
          "[cut_mix] factor lies between 0 and 2; both must lie in [0, 1], the lower first.");
    const Batch labels{.inputs = {zeros({2, 3, 3})}, .targets = {arange(2)}};
    const std::string rule =
        " the targets are i32[2]; labels have no mean, so make them f32 before, for example by hk::one_hot.";
    CHECK(error_of([&] { MixUp()(labels, training()); }) == "[mix_up]" + rule);
    CHECK(error_of([&] { CutMix()(labels, training()); }) == "[cut_mix]" + rule);
    CHECK(error_of([] {
            CutMix()({.inputs = {zeros({2, 3})}}, training());
          }) == "[cut_mix] takes [batch, height, width] with or without channels, not f32[2,3].");
  }
}

}  // namespace hekla::testing
