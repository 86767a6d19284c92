// The fully connected layer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
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
  /// Freezes the kernel, which gets an adapter that is trained in its place, as LayerState::enable_lora; alpha is the rank unless
  /// another is given. Call it before the model is compiled. (Keras's layer.enable_lora.)
  void enable_lora(std::int64_t rank, std::optional<double> alpha = {}) const {
    state_->enable_lora({.rank = rank, .alpha = alpha});
  }

 private:
  std::int64_t units_;
  ActivationFunction activation_;
  DenseOptions options_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
