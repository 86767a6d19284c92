// Activations.
#include "ops/activation.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace hekla {

namespace {

// The shift cancels in value and gradient, so no gradient needs to flow through it.
Tensor shifted(const Tensor& x, int axis) { return x - stop_gradient(max(x, {axis}, KeepDims::yes)); }

// Where e^x is not chosen it must not overflow either: its infinite gradient times 0 would be NaN.
Tensor not_positive(const Tensor& x) { return where(x > 0, 0, x); }

}  // namespace

Tensor relu(const Tensor& x) { return where(x > 0, x, 0); }
Tensor leaky_relu(const Tensor& x, double negative_slope) { return where(x > 0, x, x * negative_slope); }
Tensor relu6(const Tensor& x) { return where(x < 6, relu(x), 6); }

Tensor elu(const Tensor& x, double alpha) { return where(x > 0, x, alpha * expm1(not_positive(x))); }
Tensor selu(const Tensor& x) { return 1.0507009873554805 * elu(x, 1.6732632423543772); }

Tensor celu(const Tensor& x, double alpha) {
  if (!(alpha > 0)) throw Error(fmt::format("[celu] alpha is {}; it must be positive.", alpha));
  return where(x > 0, x, alpha * expm1(not_positive(x) / alpha));
}

Tensor gelu(const Tensor& x, bool approximate) {
  const Tensor half = x * 0.5;
  if (!approximate) return half * (1 + erf(x * (1 / std::numbers::sqrt2)));
  const double scale = std::sqrt(2 * std::numbers::inv_pi);
  return half * (1 + tanh(scale * (x + 0.044715 * (x * x * x))));
}

Tensor silu(const Tensor& x) { return x * sigmoid(x); }
Tensor mish(const Tensor& x) { return x * tanh(softplus(x)); }
Tensor softsign(const Tensor& x) { return x / (1 + abs(x)); }
Tensor hard_sigmoid(const Tensor& x) { return relu6(x + 3) * (1.0 / 6); }
Tensor hard_swish(const Tensor& x) { return x * hard_sigmoid(x); }
Tensor log_sigmoid(const Tensor& x) { return -softplus(-x); }

Tensor softmax(const Tensor& x, int axis) {
  const int along = normalize_axis(axis, x.rank(), "softmax");
  const Tensor e = exp(shifted(x, along));
  return e / sum(e, {along}, KeepDims::yes);
}

Tensor log_softmax(const Tensor& x, int axis) {
  const int along = normalize_axis(axis, x.rank(), "log_softmax");
  const Tensor s = shifted(x, along);
  return s - log(sum(exp(s), {along}, KeepDims::yes));
}

}  // namespace hekla
