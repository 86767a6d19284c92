// Initial values of weights.
#include "ops/nn/initialize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graph/error.h"

namespace hekla {

namespace {

double fan_of(const Shape& shape, Fan fan) {
  double in = 1, out = 1;
  if (shape.rank() == 1) in = out = static_cast<double>(shape[0]);
  if (shape.rank() >= 2) {
    double field = 1;
    for (int axis = 0; axis < shape.rank() - 2; ++axis) field *= static_cast<double>(shape[axis]);
    in = field * static_cast<double>(shape[shape.rank() - 2]);
    out = field * static_cast<double>(shape.back());
  }
  return std::max(1.0, fan == Fan::in ? in : fan == Fan::out ? out : (in + out) / 2);
}

// The standard deviation of the standard normal distribution truncated at two standard deviations.
constexpr double cut_deviation = 0.87962566103423978;

}  // namespace

Tensor variance_scaling(const Shape& shape, const RandomKey& key, const VarianceScaling& options) {
  if (!(options.scale > 0)) {
    throw Error(fmt::format("[variance_scaling] scale is {}; it must be positive.", options.scale));
  }
  const double deviation = std::sqrt(options.scale / fan_of(shape, options.fan));
  if (options.distribution == Distribution::normal) return random_normal(shape, key, 0, deviation);
  if (options.distribution == Distribution::truncated_normal) {
    return random_truncated_normal(shape, key, 0, deviation / cut_deviation);
  }
  const double limit = std::sqrt(3.0) * deviation;
  return random_uniform(shape, key, -limit, limit);
}

Tensor glorot_uniform(const Shape& shape, const RandomKey& key) {
  return variance_scaling(shape, key, {1, Fan::average, Distribution::uniform});
}
Tensor glorot_normal(const Shape& shape, const RandomKey& key) {
  return variance_scaling(shape, key, {1, Fan::average, Distribution::truncated_normal});
}
Tensor he_uniform(const Shape& shape, const RandomKey& key) {
  return variance_scaling(shape, key, {2, Fan::in, Distribution::uniform});
}
Tensor he_normal(const Shape& shape, const RandomKey& key) {
  return variance_scaling(shape, key, {2, Fan::in, Distribution::truncated_normal});
}
Tensor lecun_uniform(const Shape& shape, const RandomKey& key) {
  return variance_scaling(shape, key, {1, Fan::in, Distribution::uniform});
}
Tensor lecun_normal(const Shape& shape, const RandomKey& key) {
  return variance_scaling(shape, key, {1, Fan::in, Distribution::truncated_normal});
}

}  // namespace hekla
