// Multi-head attention with projections of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "train/layers/layer.h"

namespace hekla {

/// What MultiHeadAttention takes, with Keras's names and defaults.
struct MultiHeadAttentionOptions {
  std::string name = {};
  std::optional<std::int64_t> value_dim = {};  ///< of each head; default: key_dim
  double dropout = 0;                          ///< of the attention weights, in training
  bool use_bias = true;
  std::optional<std::int64_t> output_shape = {};  ///< features of the result; default: those of the query
  bool use_causal_mask = false;                   ///< a query attends to keys up to its own position
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = nullptr;
  Regularizer bias_regularizer = nullptr;
  Constraint kernel_constraint = nullptr;
  Constraint bias_constraint = nullptr;
  bool trainable = true;
};

/// Multi-head attention: query, key and value are projected for each head, each head attends on its own (see
/// hk::multi_head_attention), and the results are projected together. query [batch, queries, features], value
/// and key [batch, keys, ..] give [batch, queries, features]. Weights query/kernel [features, heads,
/// key_dim], key/kernel, value/kernel [.., heads, value_dim] and attention_output/kernel [heads, value_dim,
/// features], each with a bias of the axes after the first, which is [features] for the last. Bytes and
/// integers are taken as f32. Where the query, the value or the key has a mask (see Mode::set_mask), only the
/// positions that count attend and are attended to, and the result keeps the query's mask. Throws hekla::Error at a call on another rank, and when key and value differ in
/// their number of keys. (keras.layers.MultiHeadAttention, where use_causal_mask is an argument of the call;
/// Vaswani et al.: Attention Is All You Need, NIPS 2017.)
class MultiHeadAttention {
 public:
  /// Throws hekla::Error unless the numbers are positive and dropout lies in [0, 1].
  MultiHeadAttention(std::int64_t num_heads, std::int64_t key_dim, MultiHeadAttentionOptions options = {});

  /// Self-attention: x is query, key and value.
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;
  /// Uses the value as the key, too.
  Tensor operator()(const Tensor& query, const Tensor& value, const Mode& mode = {}) const;
  /// `attention_mask`, bool, marks the keys that a query may attend to: [batch, queries, keys] or a shape
  /// that broadcasts to it.
  Tensor operator()(const Tensor& query, const Tensor& value, const Tensor& key, const Mode& mode = {},
                    const Tensor& attention_mask = {}) const;

  /// Kernels and biases of query, key, value and attention_output; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }
  /// Freezes the kernels, which get adapters that are trained in their place, as LayerState::enable_lora; alpha is the rank unless
  /// another is given. Call it before the model is compiled. (Keras's layer.enable_lora.)
  void enable_lora(std::int64_t rank, std::optional<double> alpha = {}) const {
    state_->enable_lora({.rank = rank, .alpha = alpha});
  }

 private:
  Tensor attend(LayerCall& call, const Tensor& query, const Tensor& value, const Tensor& key,
                const Mode& mode, const Tensor& attention_mask) const;
  Tensor projected(const LayerCall& call, const std::string& name, const Tensor& x, std::int64_t size) const;

  std::int64_t num_heads_, key_dim_;
  MultiHeadAttentionOptions options_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
