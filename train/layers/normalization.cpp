// See normalization.h.
#include "train/layers/normalization.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/nn/normalize.h"
#include "ops/statistics.h"

namespace hekla {

namespace {

void check_epsilon(std::string_view layer, double epsilon) {
  if (!(epsilon >= 0))
    throw Error(fmt::format("[{}] epsilon is {}; it must not be negative.", layer, epsilon));
}

void check_rank(std::string_view layer, const Tensor& x) {
  if (x.rank() < 2) throw Error(fmt::format("[{}] takes [batch, .., features], not {}.", layer, describe(x)));
}

void check_axes(std::string_view layer, const std::vector<int>& axes) {
  if (axes.empty()) throw Error(fmt::format("[{}] no axis; name at least one.", layer));
}

Shape sizes_along(const Tensor& x, const std::vector<int>& axes) {
  Shape shape;
  for (const int axis : axes) shape.push_back(x.size(axis));
  return shape;
}

// Empty where the layer does not scale.
template <class Options>
Tensor gamma_of(const LayerCall& call, const Shape& shape, const Options& options) {
  if (!options.scale) return {};
  return call.weight("gamma", shape, options.gamma_initializer,
                     {options.gamma_regularizer, options.gamma_constraint});
}

// Empty where the layer does not shift.
template <class Options>
Tensor beta_of(const LayerCall& call, const Shape& shape, const Options& options) {
  if (!options.center) return {};
  return call.weight("beta", shape, options.beta_initializer,
                     {options.beta_regularizer, options.beta_constraint});
}

}  // namespace

BatchNormalization::BatchNormalization(BatchNormalizationOptions options)
    : options_(std::move(options)),
      state_(std::make_shared<LayerState>("BatchNormalization", options_.name, options_.trainable)) {
  check_epsilon(state_->display_name(), options_.epsilon);
  if (!(options_.momentum >= 0 && options_.momentum <= 1))
    throw Error(fmt::format("[{}] momentum is {}; it must lie in [0, 1].", state_->display_name(),
                            options_.momentum));
}

Tensor BatchNormalization::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  check_rank(state_->name(), x);
  const int axis = normalize_axis(options_.axis, x.rank(), state_->name());
  const Shape features{x.size(axis)};
  const Tensor gamma = gamma_of(call, features, options_), beta = beta_of(call, features, options_);
  const Tensor mean =
      call.weight("moving_mean", features, options_.moving_mean_initializer, {.trainable = false});
  const Tensor variance =
      call.weight("moving_variance", features, options_.moving_variance_initializer, {.trainable = false});
  if (!mode.is_training() || call.is_frozen())
    return call.done(batch_normalization(as_float(x), mean, variance, gamma, beta, axis, options_.epsilon));
  // With two axes, a mask is one of features, not of times.
  const BatchNormalized normalized = batch_normalization_training(
      as_float(x), mode.latest(mean), mode.latest(variance), gamma, beta, axis, options_.momentum,
      options_.epsilon, x.rank() > 2 ? mode.mask_of(x) : Tensor());
  mode.update(mean, normalized.updates[0].value);
  mode.update(variance, normalized.updates[1].value);
  return call.done(normalized.output);
}

LayerNormalization::LayerNormalization(LayerNormalizationOptions options)
    : options_(std::move(options)),
      state_(std::make_shared<LayerState>("LayerNormalization", options_.name, options_.trainable)) {
  check_epsilon(state_->display_name(), options_.epsilon);
  check_axes(state_->display_name(), options_.axis);
}

Tensor LayerNormalization::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  check_rank(state_->name(), x);
  const std::vector<int> axes = normalize_axes(options_.axis, x.rank(), state_->name());
  const Shape shape = sizes_along(x, axes);
  const Tensor gamma = gamma_of(call, shape, options_), beta = beta_of(call, shape, options_);
  return call.done(layer_normalization(as_float(x), gamma, beta, axes, options_.epsilon));
}

GroupNormalization::GroupNormalization(std::int64_t groups, GroupNormalizationOptions options)
    : groups_(groups),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>("GroupNormalization", options_.name, options_.trainable)) {
  check_epsilon(state_->display_name(), options_.epsilon);
  if (groups != -1 && groups < 1)
    throw Error(fmt::format("[{}] {} groups; at least one is needed, or -1 for one of each channel.",
                            state_->display_name(), groups));
}

Tensor GroupNormalization::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  check_rank(state_->name(), x);
  const std::int64_t groups = groups_ == -1 ? x.size(-1) : groups_;
  if (groups < 1 || x.size(-1) % groups != 0)
    throw Error(fmt::format("[{}] {} groups of {} channels of {}; the groups must divide the channels.",
                            state_->name(), groups, x.size(-1), describe(x)));
  const Shape channels{x.size(-1)};
  const Tensor gamma = gamma_of(call, channels, options_), beta = beta_of(call, channels, options_);
  return call.done(group_normalization(as_float(x), groups, gamma, beta, options_.epsilon));
}

RMSNormalization::RMSNormalization(RMSNormalizationOptions options)
    : options_(std::move(options)),
      state_(std::make_shared<LayerState>("RMSNormalization", options_.name, options_.trainable)) {
  check_epsilon(state_->display_name(), options_.epsilon);
  check_axes(state_->display_name(), options_.axis);
}

Tensor RMSNormalization::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  check_rank(state_->name(), x);
  const std::vector<int> axes = normalize_axes(options_.axis, x.rank(), state_->name());
  const Tensor scale = call.weight("scale", sizes_along(x, axes), "ones");
  return call.done(rms_normalization(as_float(x), scale, axes, options_.epsilon));
}

UnitNormalization::UnitNormalization(std::vector<int> axis, std::string name)
    : axis_(std::move(axis)), state_(std::make_shared<LayerState>("UnitNormalization", std::move(name))) {
  check_axes(state_->display_name(), axis_);
}

Tensor UnitNormalization::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  const Tensor numbers = as_float(x);
  const Tensor length = norm(numbers, 2, axis_, KeepDims::yes);
  return call.done(numbers / where(length > 0, length, 1));
}

}  // namespace hekla
