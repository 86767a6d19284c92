// Helpers shared by tests of layers.
#include "tests/train/layers/support.h"

#include <doctest/doctest.h>

#include <cmath>

#include "ops/create.h"
#include "ops/random.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

Tensor pattern(const Shape& shape, std::int64_t factor, std::int64_t range) {
  std::vector<double> elements;
  for (std::int64_t i = 0; i < shape.count(); ++i)
    elements.push_back(static_cast<double>(i * factor % range - range / 2) / 8);
  return tensor(elements, shape);
}

Initializer patterned(std::int64_t factor, std::int64_t range) {
  return [=](const Shape& shape, const RandomKey&) { return pattern(shape, factor, range); };
}

Initializer given(std::vector<double> elements) {
  return [=](const Shape& shape, const RandomKey&) { return tensor(elements, shape); };
}

void check_values(const Tensor& actual, const Shape& shape, const std::vector<double>& expected) {
  CHECK(to_string(actual.shape()) == to_string(shape));
  const std::vector<double> elements = reference_values(actual);
  REQUIRE(elements.size() == expected.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    CAPTURE(i);
    CHECK(elements[i] == doctest::Approx(expected[i]).epsilon(1e-7).scale(1));
  }
}

void check_near(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(actual[i] - expected[i]) <= tolerance * (1 + std::abs(expected[i])));
  }
}

std::vector<std::string> described(const std::vector<Tensor>& weights) {
  std::vector<std::string> all;
  for (const Tensor& weight : weights) all.push_back(weight.node().label + " " + to_string(weight.shape()));
  return all;
}

Mode training(std::uint32_t seed) { return Mode::training(random_key(seed)); }

}  // namespace hekla::testing
