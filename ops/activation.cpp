// Activations.
#include "ops/activation.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "graph/error.h"
#include "graph/origin.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/reduce.h"

namespace hekla {

namespace {

// The shift cancels in both value and gradient, so no gradient needs to flow through it.
Tensor shifted(const Tensor& x, int axis) { return x - stop_gradient(max(x, {axis}, KeepDims::yes)); }

Meta relu_rule(const Node& node) {
  const Tensor& x = node.inputs[0];
  if (x.dtype() == DType::boolean || x.dtype() == DType::u8) {
    throw Error(fmt::format("[relu] x is {}; it must be f32, i32 or u32 (see hk::cast).", describe(x)));
  }
  return {x.shape(), x.dtype()};
}

// Keeps e^x finite where `where` discards it: its infinite gradient times 0 would be NaN.
Tensor not_positive(const Tensor& x) { return where(x > 0, 0, x); }

}  // namespace

// A primitive, so that its gradient reads the result, which is stored anyway, and not x or a condition.
const Op relu_op{
    .name = "relu",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = relu_rule,
    .glsl = "({0} <= {T}(0) ? {T}(0) : {0})",
    .eval = [](std::span<const double> x, DType) { return x[0] <= 0 ? 0 : x[0]; },
    .onnx = "Relu",
    .vjp = [](const Tensor& y, const Tensor& g) -> std::vector<Tensor> { return {where(y <= 0, 0, g)}; }};
Tensor relu(const Tensor& x) { return apply(relu_op, {x}); }

Tensor leaky_relu(const Tensor& x, double negative_slope) {
  return with_origin(where(x > 0, x, x * negative_slope), {"leaky_relu", {x}, {.number = negative_slope}});
}
Tensor relu6(const Tensor& x) { return where(x >= 6, 6, relu(x)); }

Tensor elu(const Tensor& x, double alpha) {
  return with_origin(where(x > 0, x, alpha * expm1(not_positive(x))), {"elu", {x}, {.number = alpha}});
}
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

Tensor glu(const Tensor& x, int axis) {
  const int along = normalize_axis(axis, x.rank(), "glu");
  if (x.size(along) % 2 != 0)
    throw Error(fmt::format("[glu] axis {} of {} is divided into halves; its size must be even.", along,
                            describe(x)));
  const std::vector<Tensor> halves = split(x, 2, along);
  return halves[0] * sigmoid(halves[1]);
}

Tensor softmax(const Tensor& x, int axis) {
  const int along = normalize_axis(axis, x.rank(), "softmax");
  const Tensor e = exp(shifted(x, along));
  return with_origin(e / sum(e, {along}, KeepDims::yes), {"softmax", {x}, {.integers = {along}}});
}

Tensor log_softmax(const Tensor& x, int axis) {
  const int along = normalize_axis(axis, x.rank(), "log_softmax");
  const Tensor s = shifted(x, along);
  return with_origin(s - log(sum(exp(s), {along}, KeepDims::yes)),
                     {"log_softmax", {x}, {.integers = {along}}});
}

}  // namespace hekla
