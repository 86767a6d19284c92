// See shape.h.
#include "train/layers/shape.h"

#include <fmt/format.h>

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

Rescaling::Rescaling(double scale, double offset, const LayerOptions& options)
    : scale_(scale), offset_(offset), state_(std::make_shared<LayerState>("Rescaling", options.name)) {}

Tensor Rescaling::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  const Tensor scaled = as_float(x) * scale_;
  return call.done(offset_ == 0 ? scaled : scaled + offset_);
}

}  // namespace hekla
