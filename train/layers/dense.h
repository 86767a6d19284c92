// The fully connected layer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "train/layers/activation_function.h"
#include "train/layers/layer.h"

namespace hekla {

/// What Dense takes, with Keras's names and defaults.
struct DenseOptions {
  std::string name = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = nullptr;
  Regularizer bias_regularizer = nullptr;
  Constraint kernel_constraint = nullptr;
  Constraint bias_constraint = nullptr;
  bool trainable = true;
};

/// y = activation(x kernel + bias) over x's last axis: [.., inputs] to [.., units] with weights kernel
/// [inputs, units] and bias [units], made at the first call. Bytes and integers are taken as f32.
/// (keras.layers.Dense.)
class Dense {
 public:
  /// Throws hekla::Error unless `units` is positive.
  explicit Dense(std::int64_t units, ActivationFunction activation = {}, DenseOptions options = {});
  Dense(std::int64_t units, DenseOptions options) : Dense(units, ActivationFunction(), std::move(options)) {}

  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// kernel and bias; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  std::int64_t units_;
  ActivationFunction activation_;
  DenseOptions options_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
