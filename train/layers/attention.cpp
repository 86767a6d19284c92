// See attention.h.
#include "train/layers/attention.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/nn/attention.h"
#include "train/layers/attention_parts.h"

namespace hekla {

MultiHeadAttention::MultiHeadAttention(std::int64_t num_heads, std::int64_t key_dim,
                                       MultiHeadAttentionOptions options)
    : num_heads_(num_heads),
      key_dim_(key_dim),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>("MultiHeadAttention", options_.name, options_.trainable)) {
  const std::int64_t value_dim = options_.value_dim.value_or(key_dim);
  const std::int64_t outputs = options_.output_shape.value_or(1);
  if (num_heads < 1 || key_dim < 1 || value_dim < 1 || outputs < 1)
    throw Error(fmt::format(
        "[{}] num_heads is {}, key_dim {}, value_dim {} and output_shape {}; all must be positive.",
        state_->display_name(), num_heads, key_dim, value_dim, outputs));
  check_dropout(state_->display_name(), options_.dropout);
}

Tensor MultiHeadAttention::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  return attend(call, x, x, x, mode, {});
}

Tensor MultiHeadAttention::operator()(const Tensor& query, const Tensor& value, const Mode& mode) const {
  LayerCall call(state_, mode, {query, value});
  return attend(call, query, value, value, mode, {});
}

Tensor MultiHeadAttention::operator()(const Tensor& query, const Tensor& value, const Tensor& key,
                                      const Mode& mode, const Tensor& attention_mask) const {
  LayerCall call(state_, mode, {query, value, key});
  return attend(call, query, value, key, mode, attention_mask);
}

Tensor MultiHeadAttention::attend(LayerCall& call, const Tensor& query, const Tensor& value,
                                  const Tensor& key, const Mode& mode, const Tensor& attention_mask) const {
  check_attended(state_->name(), query, value, key);
  const std::int64_t value_dim = options_.value_dim.value_or(key_dim_);
  const Tensor q = projected(call, "query", query, num_heads_, key_dim_, options_);
  const Tensor k = projected(call, "key", key, num_heads_, key_dim_, options_);
  const Tensor v = projected(call, "value", value, num_heads_, value_dim, options_);
  call.keep_mask();
  const bool drops = mode.is_training() && options_.dropout > 0;
  const Tensor attended =
      multi_head_attention(q, k, v, num_heads_,
                           {.mask = combined_mask(mode, query, value, key, attention_mask),
                            .is_causal = options_.use_causal_mask,
                            .dropout = drops ? options_.dropout : 0,
                            .dropout_key = drops ? mode.next_key() : RandomKey()});
  const std::int64_t outputs = options_.output_shape.value_or(query.size(-1));
  return call.done(projected_together(call, attended, num_heads_, outputs, options_));
}

}  // namespace hekla
