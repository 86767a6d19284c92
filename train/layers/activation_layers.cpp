// See activation_layers.h.
#include "train/layers/activation_layers.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "graph/error.h"
#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/statistics.h"

namespace hekla {

namespace {

void check_not_negative(const LayerState& layer, std::string_view what, double number) {
  if (!(number >= 0))
    throw Error(fmt::format("[{}] {} is {}; it must not be negative.", layer.display_name(), what, number));
}

}  // namespace

ReLU::ReLU(const ReLUOptions& options)
    : options_(options), state_(std::make_shared<LayerState>("ReLU", options.name)) {
  check_not_negative(*state_, "max_value", options.max_value.value_or(0));
  check_not_negative(*state_, "negative_slope", options.negative_slope);
  check_not_negative(*state_, "threshold", options.threshold);
}

Tensor ReLU::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  const Tensor in = as_float(x);
  const double slope = options_.negative_slope, threshold = options_.threshold;
  // A slope of 0 times an infinity would be NaN.
  const Tensor below = slope == 0 ? Tensor(0) : slope * (in - threshold);
  Tensor y = slope == 0 && threshold == 0 ? relu(in) : where(in <= threshold, below, in);
  if (options_.max_value) y = where(y >= *options_.max_value, *options_.max_value, y);
  return call.done(y);
}

LeakyReLU::LeakyReLU(double negative_slope, const LayerOptions& options)
    : negative_slope_(negative_slope), state_(std::make_shared<LayerState>("LeakyReLU", options.name)) {
  check_not_negative(*state_, "negative_slope", negative_slope);
}

Tensor LeakyReLU::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  return call.done(leaky_relu(as_float(x), negative_slope_));
}

ELU::ELU(double alpha, const LayerOptions& options)
    : alpha_(alpha), state_(std::make_shared<LayerState>("ELU", options.name)) {}

Tensor ELU::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  return call.done(elu(as_float(x), alpha_));
}

PReLU::PReLU(PReLUOptions options)
    : options_(std::move(options)),
      state_(std::make_shared<LayerState>("PReLU", options_.name, options_.trainable)) {}

Tensor PReLU::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  Shape shape;
  for (int axis = 1; axis < x.rank(); ++axis) shape.push_back(x.size(axis));
  for (const int axis : options_.shared_axes) {
    if (axis < 1 || axis >= x.rank())
      throw Error(
          fmt::format("[{}] alpha is shared along axis {} of {}; shared axes lie between 1, after the batch, "
                      "and the last.",
                      state_->name(), axis, describe(x)));
    shape[axis - 1] = 1;
  }
  const Tensor alpha = call.weight("alpha", shape, options_.alpha_initializer,
                                   {options_.alpha_regularizer, options_.alpha_constraint});
  const Tensor in = as_float(x);
  return call.done(relu(in) - alpha * relu(-in));
}

Softmax::Softmax(std::vector<int> axes, const LayerOptions& options)
    : axes_(std::move(axes)), state_(std::make_shared<LayerState>("Softmax", options.name)) {
  if (axes_.empty()) throw Error(fmt::format("[{}] no axis is given; name one.", state_->display_name()));
}

Tensor Softmax::operator()(const Tensor& x, const Mode& mode, const Tensor& mask) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  Tensor in = as_float(x);
  const Tensor kept = mask.defined() || x.rank() != 2 ? mask : mode.mask_of(x);
  if (kept.defined()) {
    if (kept.dtype() != DType::boolean ||
        !(broadcast_shapes(kept.shape(), x.shape(), state_->name()) == x.shape()))
      throw Error(fmt::format("[{}] the mask is {} and x {}; it must be bool and broadcast to x.",
                              state_->name(), describe(kept), describe(x)));
    // Not infinite, so that nothing becomes NaN where all are left out. The number is Keras's.
    in = where(kept, in, -1e9);
  }
  const std::vector<int> axes = normalize_axes(axes_, x.rank(), state_->name());
  const Tensor y = axes.size() == 1 ? softmax(in, axes[0]) : exp(in - logsumexp(in, axes, KeepDims::yes));
  return call.done(kept.defined() ? where(kept, y, 0) : y);
}

}  // namespace hekla
