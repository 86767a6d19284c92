// See time_distributed.h.
#include "train/layers/time_distributed.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "graph/error.h"
#include "ops/view.h"

namespace hekla {

TimeDistributed::TimeDistributed(Layer layer, const LayerOptions& options)
    : layer_(std::move(layer)), state_(std::make_shared<LayerState>("TimeDistributed", options.name)) {}

Tensor TimeDistributed::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  if (x.rank() < 3)
    throw Error(fmt::format("[{}] takes [batch, time, ..] with the features of each time, not {}.",
                            state_->name(), describe(x)));
  Shape merged{x.size(0) * x.size(1)};
  for (int axis = 2; axis < x.rank(); ++axis) merged.push_back(x.size(axis));
  const Tensor y = layer_(reshape(x, merged), mode);
  if (y.rank() < 1 || y.size(0) != merged[0])
    throw Error(fmt::format("[{}] the layer makes {} of {} examples; it must give one for each.",
                            state_->name(), describe(y), merged[0]));
  Shape parted{x.size(0), x.size(1)};
  for (int axis = 1; axis < y.rank(); ++axis) parted.push_back(y.size(axis));
  return call.done(reshape(y, parted));
}

}  // namespace hekla
