// See random_gamma.h. The logarithm of a gamma variable is drawn: those of a small alpha lie below the smallest f32, and
// their ratios are still needed.
#include "ops/random_gamma.h"

#include <limits>

#include "ops/activation.h"
#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

constexpr std::int64_t tries = 8;

Tensor log_gamma_variable(const Shape& shape, const RandomKey& key, const Tensor& alpha) {
  const std::vector<RandomKey> keys = split(key, 3);
  const Tensor a = stop_gradient(broadcast_to(cast(alpha, DType::f32), shape));
  // The method is for alpha of 1 or more: a variable of alpha + 1 times a power of a uniform one has alpha.
  const Tensor d = expand_dims(a + (1 - 1.0 / 3), -1);
  Shape proposals = shape;
  proposals.push_back(tries);
  const Tensor normal = random_normal(proposals, keys[0]);
  const Tensor root = 1 + normal / sqrt(9 * d), v = root * root * root;
  const Tensor accepted =
      log(random_uniform(proposals, keys[1])) < 0.5 * normal * normal + d - d * v + d * log(v);
  const Tensor first = argmax(cast(accepted, DType::f32), -1, KeepDims::yes);
  const Tensor taken = where(any(accepted, {-1}, KeepDims::yes), take_along_axis(v, first, -1), 1.0);
  const Tensor of_more = squeeze(log(d) + log(taken), {-1});
  const Tensor drawn = of_more + log(1 - random_uniform(shape, keys[2])) / a;
  return where(a > 0, drawn, std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

Tensor random_gamma(const Shape& shape, const RandomKey& key, const Tensor& alpha) {
  return exp(log_gamma_variable(shape, key, alpha));
}

Tensor random_beta(const Shape& shape, const RandomKey& key, const Tensor& alpha, const Tensor& beta) {
  const std::vector<RandomKey> keys = split(key, 2);
  return sigmoid(log_gamma_variable(shape, keys[0], alpha) - log_gamma_variable(shape, keys[1], beta));
}

Tensor random_dirichlet(const Shape& shape, const RandomKey& key, const Tensor& alpha) {
  return softmax(log_gamma_variable(shape, key, alpha), -1);
}

}  // namespace hekla
