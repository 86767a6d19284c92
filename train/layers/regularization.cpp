// See regularization.h.
#include "train/layers/regularization.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/nn/dropout.h"
#include "train/layers/spatial_options.h"

namespace hekla {

namespace {

void check_range(const LayerState& layer, std::string_view what, double number, double end, bool with_end) {
  if (!(number >= 0 && (number < end || (with_end && number == end))))
    throw Error(fmt::format("[{}] {} is {}; it must lie in [0, {}{}.", layer.display_name(), what, number,
                            end, with_end ? "]" : ")"));
}

}  // namespace

template <int axes>
SpatialDropout<axes>::SpatialDropout(double rate, const LayerOptions& options)
    : rate_(rate),
      state_(std::make_shared<LayerState>(fmt::format("SpatialDropout{}D", axes), options.name)) {
  check_range(*state_, "rate", rate, 1, true);
}

template <int axes>
Tensor SpatialDropout<axes>::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  check_spatial_rank(state_->name(), x, axes);
  if (!mode.is_training()) return call.done(as_float(x));
  Shape noise_shape = x.shape();
  for (int axis = 1; axis <= axes; ++axis) noise_shape[axis] = 1;
  return call.done(dropout(as_float(x), rate_, mode.next_key(), noise_shape));
}

template class SpatialDropout<1>;
template class SpatialDropout<2>;
template class SpatialDropout<3>;

GaussianNoise::GaussianNoise(double stddev, const LayerOptions& options)
    : stddev_(stddev), state_(std::make_shared<LayerState>("GaussianNoise", options.name)) {
  check_range(*state_, "stddev", stddev, 1, true);
}

Tensor GaussianNoise::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  if (!mode.is_training() || stddev_ == 0) return call.done(as_float(x));
  return call.done(as_float(x) + random_normal(x.shape(), mode.next_key(), 0, stddev_));
}

GaussianDropout::GaussianDropout(double rate, const LayerOptions& options)
    : rate_(rate), state_(std::make_shared<LayerState>("GaussianDropout", options.name)) {
  check_range(*state_, "rate", rate, 1, false);
}

Tensor GaussianDropout::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  if (!mode.is_training() || rate_ == 0) return call.done(as_float(x));
  const double stddev = std::sqrt(rate_ / (1 - rate_));
  return call.done(as_float(x) * random_normal(x.shape(), mode.next_key(), 1, stddev));
}

AlphaDropout::AlphaDropout(double rate, const LayerOptions& options)
    : rate_(rate), state_(std::make_shared<LayerState>("AlphaDropout", options.name)) {
  check_range(*state_, "rate", rate, 1, false);
}

Tensor AlphaDropout::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  return call.done(mode.is_training() ? alpha_dropout(as_float(x), rate_, mode.next_key()) : as_float(x));
}

ActivityRegularization::ActivityRegularization(double l1, double l2, const LayerOptions& options)
    : state_(std::make_shared<LayerState>("ActivityRegularization", options.name)) {
  for (const auto& [name, factor] : {std::pair("l1", l1), std::pair("l2", l2)}) {
    if (!std::isfinite(factor) || factor < 0)
      throw Error(fmt::format("[{}] {} is {}; it must be a finite number, not negative.",
                              state_->display_name(), name, factor));
  }
  if (l1 > 0 || l2 > 0) regularizer_ = l1_l2(l1, l2);
}

Tensor ActivityRegularization::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  const Tensor y = as_float(x);
  if (regularizer_ && y.rank() > 0) mode.add_loss(regularizer_(y) / static_cast<double>(y.size(0)));
  return call.done(y);
}

}  // namespace hekla
