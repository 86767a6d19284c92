// Activation functions.
#include <string>

#include "ops/activation.h"
#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/rounding.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

Results celu(const Call& call) { return {hekla::celu(call[0], call.number("alpha", 1))}; }

Results elu(const Call& call) {
  const double alpha = call.number("alpha", 1);
  return {elementwise(call[0], [&](const Tensor& x) { return hekla::elu(x, alpha); })};
}

Results leaky_relu(const Call& call) {
  const double alpha = call.number("alpha", 0.01);
  return {elementwise(call[0], [&](const Tensor& x) { return hekla::leaky_relu(x, alpha); })};
}

Results selu(const Call& call) {
  const double alpha = call.number("alpha", 1.67326319217681884765625);
  const double gamma = call.number("gamma", 1.05070102214813232421875);
  const Tensor& x = call[0];
  return {where(x > 0, gamma * x, gamma * alpha * expm1(minimum(x, 0)))};
}

Results thresholded_relu(const Call& call) {
  const Tensor& x = call[0];
  return {where(x > call.number("alpha", 1), x, 0)};
}

Results hard_sigmoid(const Call& call) {
  return {clip(call.number("alpha", 0.2) * call[0] + call.number("beta", 0.5), 0, 1)};
}

Results shrink(const Call& call) {
  const Tensor& x = call[0];
  const double bias = call.number("bias", 0);
  const double lambd = call.number("lambd", 0.5);
  const Tensor f = cast(x, DType::f32);
  const Tensor result = where(f < -lambd, f + bias, where(f > lambd, f - bias, 0));
  return {like(call.operand(0), cast(result, x.dtype()))};
}

Results gelu(const Call& call) { return {hekla::gelu(call[0], call.text("approximate", "none") == "tanh")}; }

Results swish(const Call& call) {
  const Tensor& x = call[0];
  return {x * sigmoid(call.number("alpha", 1) * x)};
}

Results prelu(const Call& call) {
  const Tensor& x = call[0];
  Tensor slope = call[1];
  // In opset 6 a vector holds a slope for each channel.
  for (int axis = 2; call.opset() < 7 && slope.rank() < x.rank() - 1; ++axis) slope = expand_dims(slope, -1);
  return {where(x > 0, x, slope * x)};
}

// Before opset 13, all axes from `axis` on are one.
template <auto function>
Results over_classes(const Call& call) {
  const Tensor& x = call[0];
  if (call.opset() >= 13) return {function(x, call.axis("axis", -1, x.rank()))};
  const std::int64_t axis = call.integer("axis", 1);
  const std::int64_t first = axis < 0 ? axis + x.rank() : axis;
  if (first < 0 || first > x.rank()) call.axis("axis", 1, x.rank());
  std::int64_t rows = 1;
  for (int i = 0; i < first; ++i) rows *= x.size(i);
  const std::int64_t columns = rows == 0 ? 0 : x.count() / rows;
  return {reshape(function(reshape(x, Shape{rows, columns}), 1), x.shape())};
}

Tensor hardmax(const Tensor& x, int axis) {
  return cast(equal(iota(x.shape(), axis), argmax(x, axis, KeepDims::yes)), x.dtype());
}

Results clip_to(const Call& call) {
  Tensor x = call[0];
  const bool older = call.opset() < 11;
  const Tensor low = older && call.has_attribute("min") ? Tensor(call.number("min", 0)) : call.optional(1);
  const Tensor high = older && call.has_attribute("max") ? Tensor(call.number("max", 0)) : call.optional(2);
  // Unlike hekla::clip: where low is above high, the result is high.
  if (low.defined()) x = elementwise(x, low, hekla::maximum);
  if (high.defined()) x = elementwise(x, high, hekla::minimum);
  return {like(call.operand(0), x)};
}

}  // namespace

std::vector<Conversion> activations() {
  return {
      {"Celu", celu, {"alpha"}},
      {"Clip", clip_to, {"min", "max"}},
      {"Elu", elu, {"alpha"}},
      {"Gelu", gelu, {"approximate"}},
      {"HardSigmoid", hard_sigmoid, {"alpha", "beta"}},
      {"HardSwish", unary<hekla::hard_swish>},
      {"Hardmax", over_classes<hardmax>, {"axis"}},
      {"LeakyRelu", leaky_relu, {"alpha"}},
      {"LogSoftmax", over_classes<hekla::log_softmax>, {"axis"}},
      {"Mish", unary<hekla::mish>},
      {"PRelu", prelu},
      {"Relu", unary<hekla::relu>},
      {"Selu", selu, {"alpha", "gamma"}},
      {"Shrink", shrink, {"bias", "lambd"}},
      {"Sigmoid", unary<hekla::sigmoid>},
      {"Softmax", over_classes<hekla::softmax>, {"axis"}},
      {"Softplus", unary<hekla::softplus>},
      {"Softsign", unary<hekla::softsign>},
      {"Swish", swish, {"alpha"}},
      {"Tanh", unary<hekla::tanh>},
      {"ThresholdedRelu", thresholded_relu, {"alpha"}},
  };
}

}  // namespace hekla::onnx
