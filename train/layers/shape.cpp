// See shape.h.
#include "train/layers/shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/view.h"

namespace hekla {

Tensor Input::operator()(const Tensor& x, const Mode&) const {
  bool fits = x.rank() == shape_.rank() + 1;
  for (int axis = 0; fits && axis < shape_.rank(); ++axis) fits = x.size(axis + 1) == shape_[axis];
  if (!fits)
    throw Error(
        fmt::format("[input] {} comes in; [batch] and {} is expected.", describe(x), to_string(shape_)));
  return x;
}

Flatten::Flatten(const LayerOptions& options)
    : state_(std::make_shared<LayerState>("Flatten", options.name)) {}

Tensor Flatten::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  if (x.rank() < 1) throw Error(fmt::format("[{}] takes [batch, ..], not {}.", state_->name(), describe(x)));
  std::int64_t features = 1;
  for (int axis = 1; axis < x.rank(); ++axis) features *= x.size(axis);
  return call.done(reshape(x, {x.size(0), features}));
}

Reshape::Reshape(std::vector<std::int64_t> shape, const LayerOptions& options)
    : shape_(std::move(shape)), state_(std::make_shared<LayerState>("Reshape", options.name)) {}

Tensor Reshape::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  std::vector<std::int64_t> sizes{x.size(0)};
  sizes.insert(sizes.end(), shape_.begin(), shape_.end());
  return call.done(reshape(x, sizes));
}

Permute::Permute(std::vector<int> dims, const LayerOptions& options)
    : dims_(std::move(dims)), state_(std::make_shared<LayerState>("Permute", options.name)) {
  std::vector<int> sorted = dims_;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] != static_cast<int>(i) + 1)
      throw Error(fmt::format("[{}] dims are {}; they must be 1 to {}, each once.", state_->display_name(),
                              fmt::join(dims_, ", "), dims_.size()));
  }
}

Tensor Permute::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  std::vector<int> order{0};
  order.insert(order.end(), dims_.begin(), dims_.end());
  if (x.rank() != static_cast<int>(order.size()))
    throw Error(fmt::format("[{}] takes [batch] and {} axes after it, not {}.", state_->name(), dims_.size(),
                            describe(x)));
  return call.done(permute(x, order));
}

RepeatVector::RepeatVector(std::int64_t n, const LayerOptions& options)
    : n_(n), state_(std::make_shared<LayerState>("RepeatVector", options.name)) {
  if (n < 1) throw Error(fmt::format("[{}] n is {}; it must be positive.", state_->display_name(), n));
}

Tensor RepeatVector::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  if (x.rank() != 2)
    throw Error(fmt::format("[{}] takes [batch, features], not {}.", state_->name(), describe(x)));
  return call.done(broadcast_to(expand_dims(x, 1), {x.size(0), n_, x.size(1)}));
}

Identity::Identity(const LayerOptions& options)
    : state_(std::make_shared<LayerState>("Identity", options.name)) {}

Tensor Identity::operator()(const Tensor& x, const Mode& mode) const {
  return LayerCall(state_, mode, {x}).done(x);
}

Rescaling::Rescaling(double scale, double offset, const LayerOptions& options)
    : scale_(scale), offset_(offset), state_(std::make_shared<LayerState>("Rescaling", options.name)) {}

Tensor Rescaling::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  const Tensor scaled = as_float(x) * scale_;
  return call.done(offset_ == 0 ? scaled : scaled + offset_);
}

}  // namespace hekla
