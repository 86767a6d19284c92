// See pooling.h.
#include "train/layers/pooling.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

using Pool = Tensor (*)(const Tensor&, const std::vector<std::int64_t>&, const PoolOptions&);
constexpr Pool max_pool[] = {max_pool1d, max_pool2d, max_pool3d};
constexpr Pool average_pool[] = {average_pool1d, average_pool2d, average_pool3d};

std::string_view name_of(PoolingKind kind) { return kind == PoolingKind::max ? "Max" : "Average"; }

std::vector<SpatialWindow> windows_of(std::string_view layer, int axes, const AxisSizes& pool_size,
                                      const PoolLayerOptions& options) {
  const AxisSizes& strides = options.strides.empty() ? pool_size : options.strides;
  return spatial_windows(layer, axes, pool_size.numbers(), strides.numbers(), {1}, options.padding);
}

}  // namespace

template <PoolingKind kind, int axes>
Pooling<kind, axes>::Pooling(AxisSizes pool_size, PoolLayerOptions options)
    : pool_size_(std::move(pool_size)),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>(fmt::format("{}Pooling{}D", name_of(kind), axes), options_.name)) {
  windows_of(state_->display_name(), axes, pool_size_, options_);
}

template <PoolingKind kind, int axes>
Tensor Pooling<kind, axes>::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  check_spatial(state_->name(), as_float(x), windows_of(state_->name(), axes, pool_size_, options_));
  const auto& pool = kind == PoolingKind::max ? max_pool : average_pool;
  return call.done(pool[axes - 1](as_float(x), pool_size_.numbers(),
                                  {.strides = options_.strides.numbers(), .padding = options_.padding}));
}

namespace {

// The mean over the times that count; 0 where there is none.
Tensor masked_average(const Tensor& x, const Tensor& mask, KeepDims keep) {
  const Tensor counts = expand_dims(cast(mask, f32), 2);
  return sum(x * counts, {1}, keep) / maximum(sum(counts, {1}, keep), 1);
}

}  // namespace

template <PoolingKind kind, int axes>
GlobalPooling<kind, axes>::GlobalPooling(const GlobalPoolingOptions& options)
    : keep_(options.keepdims ? KeepDims::yes : KeepDims::no),
      state_(std::make_shared<LayerState>(fmt::format("Global{}Pooling{}D", name_of(kind), axes),
                                          options.name)) {}

template <PoolingKind kind, int axes>
Tensor GlobalPooling<kind, axes>::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  // Windows of one element fit wherever there is one.
  check_spatial(state_->name(), as_float(x), std::vector<SpatialWindow>(static_cast<std::size_t>(axes)));
  if (const Tensor mask = mode.mask_of(x); kind == PoolingKind::average && axes == 1 && mask.defined())
    return call.done(masked_average(as_float(x), mask, keep_));
  const auto pool = kind == PoolingKind::max ? global_max_pool : global_average_pool;
  return call.done(pool(as_float(x), keep_));
}

template class Pooling<PoolingKind::max, 1>;
template class Pooling<PoolingKind::max, 2>;
template class Pooling<PoolingKind::max, 3>;
template class Pooling<PoolingKind::average, 1>;
template class Pooling<PoolingKind::average, 2>;
template class Pooling<PoolingKind::average, 3>;
template class GlobalPooling<PoolingKind::max, 1>;
template class GlobalPooling<PoolingKind::max, 2>;
template class GlobalPooling<PoolingKind::max, 3>;
template class GlobalPooling<PoolingKind::average, 1>;
template class GlobalPooling<PoolingKind::average, 2>;
template class GlobalPooling<PoolingKind::average, 3>;

}  // namespace hekla
