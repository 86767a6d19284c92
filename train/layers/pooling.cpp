// See pooling.h.
#include "train/layers/pooling.h"

namespace hekla {

namespace {

std::vector<SpatialWindow> windows_of(std::string_view layer, int axes, const AxisSizes& pool_size,
                                      const PoolLayerOptions& options) {
  const AxisSizes& strides = options.strides.empty() ? pool_size : options.strides;
  return spatial_windows(layer, axes, pool_size.numbers(), strides.numbers(), {1}, options.padding);
}

}  // namespace

Pooling::Pooling(std::string type, int axes, Function function, AxisSizes pool_size, PoolLayerOptions options)
    : axes_(axes),
      function_(function),
      pool_size_(std::move(pool_size)),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>(std::move(type), options_.name)) {
  windows_of(state_->display_name(), axes, pool_size_, options_);
}

Tensor Pooling::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  check_spatial(state_->name(), as_float(x), windows_of(state_->name(), axes_, pool_size_, options_));
  return call.done(function_(as_float(x), pool_size_.numbers(),
                             {.strides = options_.strides.numbers(), .padding = options_.padding}));
}

GlobalPooling::GlobalPooling(std::string type, int axes, Function function,
                             const GlobalPoolingOptions& options)
    : axes_(axes),
      function_(function),
      keep_(options.keepdims ? KeepDims::yes : KeepDims::no),
      state_(std::make_shared<LayerState>(std::move(type), options.name)) {}

Tensor GlobalPooling::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  // Windows of one element fit wherever an axis is not empty.
  check_spatial(state_->name(), as_float(x), std::vector<SpatialWindow>(static_cast<std::size_t>(axes_)));
  return call.done(function_(as_float(x), keep_));
}

}  // namespace hekla
