// Layers of attention with weights of their own.
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
  std::int64_t num_heads_, key_dim_;
  MultiHeadAttentionOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// What GroupQueryAttention takes, with Keras's names and defaults.
struct GroupQueryAttentionOptions {
  std::string name = {};
  double dropout = 0;  ///< of the attention weights, in training
  bool use_bias = true;
  /// A query attends to keys less than this many positions away, before or after it; none: to all.
  std::optional<std::int64_t> sliding_window = {};
  /// What attention gives is multiplied by sigmoid of one more projection of the query. (Qiu et al.: Gated Attention for
  /// Large Language Models, NeurIPS 2025.)
  bool use_gate = false;
  bool use_causal_mask = false;  ///< a query attends to keys up to its own position
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = nullptr;
  Regularizer bias_regularizer = nullptr;
  Constraint kernel_constraint = nullptr;
  Constraint bias_constraint = nullptr;
  bool trainable = true;
};

/// MultiHeadAttention in which several heads of the query share a head of key and value. Weights query/kernel [features,
/// num_query_heads, head_dim], key/kernel and value/kernel [.., num_key_value_heads, head_dim], with use_gate gate/kernel
/// of the query's shape, and attention_output/kernel [num_query_heads, head_dim, features], each with a bias of the axes
/// after the first, which is [features] for the last. Arguments, masks and errors of a call as those of
/// MultiHeadAttention. (keras.layers.GroupQueryAttention, where use_causal_mask is an argument of the call; Ainslie et
/// al.: GQA, EMNLP 2023.)
class GroupQueryAttention {
 public:
  /// Throws hekla::Error unless the numbers are positive, num_key_value_heads divides num_query_heads and dropout lies in
  /// [0, 1].
  GroupQueryAttention(std::int64_t head_dim, std::int64_t num_query_heads, std::int64_t num_key_value_heads,
                      GroupQueryAttentionOptions options = {});

  /// Self-attention: x is query, key and value.
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;
  /// Uses the value as the key, too.
  Tensor operator()(const Tensor& query, const Tensor& value, const Mode& mode = {}) const;
  /// `attention_mask`, bool, marks the keys that a query may attend to: [batch, queries, keys] or a shape
  /// that broadcasts to it.
  Tensor operator()(const Tensor& query, const Tensor& value, const Tensor& key, const Mode& mode = {},
                    const Tensor& attention_mask = {}) const;

  /// Kernels and biases of query, key, value, the gate and attention_output; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  Tensor attend(LayerCall& call, const Tensor& query, const Tensor& value, const Tensor& key,
                const Mode& mode, const Tensor& attention_mask) const;

  std::int64_t head_dim_, num_query_heads_, num_key_value_heads_;
  GroupQueryAttentionOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// What AdditiveAttention takes, with Keras's names and defaults.
struct AdditiveAttentionOptions {
  std::string name = {};
  bool use_scale = true;         ///< a weight multiplies the features
  double dropout = 0;            ///< of the attention weights, in training
  bool use_causal_mask = false;  ///< a query attends to keys up to its own position
  bool trainable = true;
};

/// softmax(scores, over the keys) value with scores[q, k] = sum over the features of scale * tanh(query[q] + key[k]):
/// query [batch, queries, features], key [batch, keys, features] and value [batch, keys, outputs] give [batch, queries,
/// outputs]. The weight scale is [features]. Bytes and integers are taken as f32. Keys that the mask of the value (see
/// Mode::set_mask) leaves out are not attended to; a query that its own mask leaves out gives 0, and the result keeps
/// that mask. Throws hekla::Error at a call on other shapes. (keras.layers.AdditiveAttention, where use_causal_mask is an
/// argument of the call; Bahdanau, Cho, Bengio: Neural Machine Translation by Jointly Learning to Align and Translate,
/// ICLR 2015.)
class AdditiveAttention {
 public:
  /// Throws hekla::Error unless dropout lies in [0, 1].
  explicit AdditiveAttention(AdditiveAttentionOptions options = {});

  /// Uses the value as the key, too.
  Tensor operator()(const Tensor& query, const Tensor& value, const Mode& mode = {}) const;
  Tensor operator()(const Tensor& query, const Tensor& value, const Tensor& key, const Mode& mode = {}) const;

  /// scale; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  Tensor attend(LayerCall& call, const Tensor& query, const Tensor& value, const Tensor& key,
                const Mode& mode) const;

  AdditiveAttentionOptions options_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
