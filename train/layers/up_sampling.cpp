// See up_sampling.h.
#include "train/layers/up_sampling.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "ops/join.h"

namespace hekla {

namespace {

void check_sizes(std::string_view layer, int axes, const AxisSizes& size) {
  spatial_windows(layer, axes, size.numbers(), {1}, {1}, PaddingMode::valid);
}

Tensor repeated(const Tensor& x, int axes, const AxisSizes& size) {
  Tensor y = as_float(x);
  for (int axis = 1; axis <= axes; ++axis) y = repeat(y, size[axis - 1], axis);
  return y;
}

}  // namespace

template <int axes>
UpSampling<axes>::UpSampling(AxisSizes size, const LayerOptions& options)
    : size_(std::move(size)),
      state_(std::make_shared<LayerState>(fmt::format("UpSampling{}D", axes), options.name)) {
  check_sizes(state_->display_name(), axes, size_);
}

template <int axes>
Tensor UpSampling<axes>::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  check_spatial_rank(state_->name(), x, axes);
  return call.done(repeated(x, axes, size_));
}

template class UpSampling<1>;
template class UpSampling<3>;

UpSampling2D::UpSampling2D(AxisSizes size, const UpSampling2DOptions& options)
    : size_(std::move(size)), state_(std::make_shared<LayerState>("UpSampling2D", options.name)) {
  check_sizes(state_->display_name(), 2, size_);
  interpolation_ = interpolation_named(state_->display_name(), options.interpolation);
}

Tensor UpSampling2D::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  check_spatial_rank(state_->name(), x, 2);
  if (interpolation_ == Interpolation::nearest) return call.done(repeated(x, 2, size_));
  const Tensor higher = resized(as_float(x), 1, x.size(1) * size_[0], interpolation_);
  return call.done(resized(higher, 2, x.size(2) * size_[1], interpolation_));
}

}  // namespace hekla
