// Data that no memory holds: batches come from a generator, made in another thread while the device computes.
#include <doctest/doctest.h>

#include <optional>
#include <random>
#include <vector>

#include "hekla.h"

namespace {

// `count` batches of 32 points of a plane, with noise; each pass the same ones.
hk::BatchSource plane(int count, unsigned seed) {
  return [=, random = std::mt19937(seed), made = 0]() mutable -> std::optional<hk::Batch> {
    if (made++ == count) return std::nullopt;
    std::normal_distribution<float> normal;
    std::vector<float> points, heights;
    for (int i = 0; i < 32; ++i) {
      const float x = normal(random), y = normal(random);
      points.insert(points.end(), {x, y});
      heights.push_back(2 * x - 3 * y + 1 + 0.1f * normal(random));
    }
    return hk::Batch{.inputs = {hk::tensor(points, {32, 2})}, .targets = {hk::tensor(heights, {32, 1})}};
  };
}

}  // namespace

TEST_CASE("programs: a model learns from a generator") {
  hk::set_random_seed(8);
  int passes = 0;
  const auto training =
      hk::Dataset::from_generator([&] { return plane(60, static_cast<unsigned>(++passes)); });
  const auto validation = hk::Dataset::from_generator([] { return plane(4, 1000); });

  hk::Sequential model({hk::Dense(1)});
  model.compile({.optimizer = hk::SGD({.learning_rate = 0.05}), .loss = "mse"});
  const hk::History history = model.fit(training, {.epochs = 3, .verbose = 0, .validation_data = validation});
  CHECK(history["val_loss"].back() == doctest::Approx(0.01).epsilon(0.5));  // the variance of the noise
  const std::vector<double> kernel = model.weights()[0].to_vector<double>();
  CHECK(kernel[0] == doctest::Approx(2).epsilon(0.02));
  CHECK(kernel[1] == doctest::Approx(-3).epsilon(0.02));
  CHECK(model.weights()[1].item() == doctest::Approx(1).epsilon(0.05));
}
