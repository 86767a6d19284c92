// A layer applied to each time of a sequence.
#pragma once

#include <memory>

#include "train/layers/layer.h"
#include "train/layers/shape.h"

namespace hekla {

/// Applies a layer to each time of x [batch, time, ..] alike, with the same weights: [batch, time, what the layer makes of
/// an example]. The layer is called once, with the times as further examples, [batch * time, ..]: a layer that mixes
/// examples, such as BatchNormalization, mixes those of all times. The result keeps the mask of times of x (see
/// Mode::set_mask). Throws hekla::Error at a call when x has fewer than three axes, and when the layer gives several
/// tensors or no example for each it takes. (keras.layers.TimeDistributed, which calls the layer time by time.)
class TimeDistributed {
 public:
  explicit TimeDistributed(Layer layer, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  Layer layer_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
