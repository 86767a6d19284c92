// Dropout and its kin.
#include "ops/nn/dropout.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"

namespace hekla {

namespace {

void check_float(std::string_view op, const Tensor& x) {
  if (x.dtype() != DType::f32)
    throw Error(fmt::format("[{}] x is {}; it must be f32 (see hk::cast).", op, describe(x)));
}

// True for what is kept.
Tensor kept(const Shape& shape, double rate, const RandomKey& key) {
  return random_uniform(shape, key) >= rate;
}

}  // namespace

Tensor dropout(const Tensor& x, double rate, const RandomKey& key) {
  return dropout(x, rate, key, x.shape());
}

Tensor dropout(const Tensor& x, double rate, const RandomKey& key, const Shape& noise_shape) {
  if (!(rate >= 0 && rate <= 1)) {
    throw Error(fmt::format("[dropout] rate is {}; it must lie in [0, 1].", rate));
  }
  check_float("dropout", x);
  bool fits = noise_shape.rank() == x.rank();
  for (int axis = 0; fits && axis < x.rank(); ++axis)
    fits = noise_shape[axis] == x.size(axis) || noise_shape[axis] == 1;
  if (!fits)
    throw Error(fmt::format("[dropout] noise_shape is {} and x {}; its sizes must be those of x or 1.",
                            to_string(noise_shape), describe(x)));
  if (rate == 0) return x;
  if (rate == 1) return zeros_like(x);
  return where(kept(noise_shape, rate, key), x * (1 / (1 - rate)), 0.0f);
}

Tensor alpha_dropout(const Tensor& x, double rate, const RandomKey& key) {
  if (!(rate >= 0 && rate < 1))
    throw Error(fmt::format("[alpha_dropout] rate is {}; it must lie in [0, 1).", rate));
  check_float("alpha_dropout", x);
  if (rate == 0) return x;
  const double saturated = -1.0507009873554805 * 1.6732632423543772;
  const double scale = 1 / std::sqrt((1 - rate) * (1 + rate * saturated * saturated));
  return scale * where(kept(x.shape(), rate, key), x, saturated) - scale * saturated * rate;
}

}  // namespace hekla
