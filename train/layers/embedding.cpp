// See embedding.h.
#include "train/layers/embedding.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/matmul.h"
#include "ops/nn/embedding.h"
#include "ops/view.h"

namespace hekla {

namespace {

EmbeddingOptions embedding_options(const ReversibleEmbeddingOptions& options) {
  return {.name = options.name,
          .mask_zero = options.mask_zero,
          .embeddings_initializer = options.embeddings_initializer,
          .embeddings_regularizer = options.embeddings_regularizer,
          .embeddings_constraint = options.embeddings_constraint,
          .trainable = options.trainable};
}

}  // namespace

Embedding::Embedding(std::int64_t input_dim, std::int64_t output_dim, EmbeddingOptions options)
    : Embedding("Embedding", input_dim, output_dim, std::move(options)) {}

Embedding::Embedding(std::string type, std::int64_t input_dim, std::int64_t output_dim,
                     EmbeddingOptions options)
    : input_dim_(input_dim),
      output_dim_(output_dim),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>(std::move(type), options_.name, options_.trainable)) {
  if (input_dim < 1 || output_dim < 1)
    throw Error(fmt::format("[{}] {} rows of {} features; both numbers must be positive.",
                            state_->display_name(), input_dim, output_dim));
}

Tensor Embedding::table(const LayerCall& call) const {
  return call.weight("embeddings", {input_dim_, output_dim_}, options_.embeddings_initializer,
                     {options_.embeddings_regularizer, options_.embeddings_constraint, true, true});
}

Tensor Embedding::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  if (is_float(x.dtype()) || x.dtype() == DType::boolean)
    throw Error(fmt::format("[{}] takes integers, not {} (see hk::cast).", state_->name(), describe(x)));
  const Tensor rows = table(call);
  call.looks_up(x, input_dim_);
  const Tensor y = call.done(embedding(x, rows));
  if (options_.mask_zero && x.rank() == 2) mode.set_mask(y, compute_mask(x));
  return y;
}

Tensor Embedding::compute_mask(const Tensor& x) const { return options_.mask_zero ? x != 0 : Tensor(); }

ReversibleEmbedding::ReversibleEmbedding(std::int64_t input_dim, std::int64_t output_dim,
                                         const ReversibleEmbeddingOptions& options)
    : Embedding("ReversibleEmbedding", input_dim, output_dim, embedding_options(options)),
      tie_weights_(options.tie_weights),
      logit_soft_cap_(options.logit_soft_cap) {
  if (logit_soft_cap_ && !(*logit_soft_cap_ > 0))
    throw Error(fmt::format("[{}] logit_soft_cap is {}; it must be positive.", state_->display_name(),
                            *logit_soft_cap_));
}

Tensor ReversibleEmbedding::reverse(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  call.keep_mask();
  if (x.rank() < 1 || x.size(-1) != output_dim_)
    throw Error(
        fmt::format("[{}] goes back from [.., {}], not from {}.", state_->name(), output_dim_, describe(x)));
  const Tensor kernel = tie_weights_ ? transpose(table(call))
                                     : call.weight("reverse_embeddings", {output_dim_, input_dim_},
                                                   options_.embeddings_initializer);
  const Tensor logits = matmul(as_float(x), kernel);
  return call.done(logit_soft_cap_ ? tanh(logits / *logit_soft_cap_) * *logit_soft_cap_ : logits);
}

}  // namespace hekla
