// The masking layer.
#pragma once

#include <memory>

#include "train/layers/layer.h"

namespace hekla {

/// What Masking takes, with Keras's names and defaults.
struct MaskingOptions {
  std::string name = {};
  double mask_value = 0;
};

/// Leaves out the times of x [batch, time, ..] at which every element is mask_value: they become 0, and the mask of
/// the result (see Mode::set_mask) is false there. Throws hekla::Error at a call when x has fewer than three axes.
/// (keras.layers.Masking.)
class Masking {
 public:
  explicit Masking(MaskingOptions options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  MaskingOptions options_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
