// Embedding layers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "train/layers/layer.h"

namespace hekla {

/// What Embedding takes, with Keras's names and defaults.
struct EmbeddingOptions {
  std::string name = {};
  bool mask_zero = false;  ///< index 0 is padding: later layers leave such times out
  Initializer embeddings_initializer = "random_uniform";
  Regularizer embeddings_regularizer = nullptr;
  Constraint embeddings_constraint = nullptr;
  bool trainable = true;
};

/// Looks up rows of a table by index: integers [..] to f32 [.., output_dim] with the weight embeddings
/// [input_dim, output_dim], uniform in [-0.05, 0.05) at the start. Throws
/// hekla::Error at a call when x holds no integers. fit, evaluate and predict throw where x is an
/// input of the model that holds an index outside [0, input_dim); where x is computed, or a part of an input,
/// such an index is clamped. (keras.layers.Embedding.)
class Embedding {
 public:
  /// Throws hekla::Error unless both are positive.
  Embedding(std::int64_t input_dim, std::int64_t output_dim, EmbeddingOptions options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;
  /// x != 0 with mask_zero, which a call sets as the mask of its result (see Mode::set_mask); otherwise empty.
  Tensor compute_mask(const Tensor& x) const;

  /// embeddings; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }
  /// Freezes the table, which gets an adapter that is trained in its place, as LayerState::enable_lora; alpha is the rank unless
  /// another is given. Call it before the model is compiled. (Keras's layer.enable_lora.)
  void enable_lora(std::int64_t rank, std::optional<double> alpha = {}) const {
    state_->enable_lora({.rank = rank, .alpha = alpha});
  }

 protected:
  Embedding(std::string type, std::int64_t input_dim, std::int64_t output_dim, EmbeddingOptions options);
  /// The weight embeddings.
  Tensor table(const LayerCall& call) const;

  std::int64_t input_dim_, output_dim_;
  EmbeddingOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// What ReversibleEmbedding takes, with Keras's names and defaults.
struct ReversibleEmbeddingOptions {
  std::string name = {};
  /// False: reverse has a weight of its own, reverse_embeddings [output_dim, input_dim]
  bool tie_weights = true;
  Initializer embeddings_initializer = "random_uniform";  ///< of both weights
  Regularizer embeddings_regularizer = nullptr;
  Constraint embeddings_constraint = nullptr;
  bool mask_zero = false;                     ///< index 0 is padding: later layers leave such times out
  std::optional<double> logit_soft_cap = {};  ///< reverse gives tanh(logits / cap) * cap
  bool trainable = true;
};

/// An Embedding that also goes back, from features to a logit for each index, as the last layer of a language model does.
/// (keras.layers.ReversibleEmbedding, where reverse is an argument of the call; Press, Wolf: Using the Output Embedding to
/// Improve Language Models, EACL 2017.)
class ReversibleEmbedding : public Embedding {
 public:
  /// Throws hekla::Error unless both numbers and the cap are positive.
  ReversibleEmbedding(std::int64_t input_dim, std::int64_t output_dim,
                      const ReversibleEmbeddingOptions& options = {});
  /// x [.., output_dim] times the transpose of embeddings, or reverse_embeddings: [.., input_dim]. Throws hekla::Error on
  /// another number of features.
  Tensor reverse(const Tensor& x, const Mode& mode = {}) const;

 private:
  bool tie_weights_;
  std::optional<double> logit_soft_cap_;
};

}  // namespace hekla
