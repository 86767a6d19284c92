// An activation as a layer of its own, and dropout.
#pragma once

#include <memory>

#include "train/layers/activation_function.h"
#include "train/layers/layer.h"
#include "train/layers/shape.h"

namespace hekla {

/// y = function(x). (keras.layers.Activation.)
class Activation {
 public:
  explicit Activation(ActivationFunction function, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  ActivationFunction function_;
  std::shared_ptr<LayerState> state_;
};

/// In training sets each element to 0 with probability `rate`, else to x / (1 - rate); in inference returns
/// x. (keras.layers.Dropout; see hk::dropout.)
class Dropout {
 public:
  /// Throws hekla::Error unless 0 <= rate <= 1.
  explicit Dropout(double rate, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  double rate_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
