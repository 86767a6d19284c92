// See attention.h.
#include "train/layers/attention.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/nn/attention.h"
#include "ops/view.h"
#include "train/layers/kernel_and_bias.h"

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
  if (!(options_.dropout >= 0 && options_.dropout <= 1))
    throw Error(
        fmt::format("[{}] dropout is {}; it must lie in [0, 1].", state_->display_name(), options_.dropout));
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
  for (const Tensor* x : {&query, &value, &key}) {
    if (x->rank() != 3)
      throw Error(
          fmt::format("[{}] takes [batch, positions, features], not {}.", state_->name(), describe(*x)));
  }
  if (value.size(1) != key.size(1) || key.size(1) < 1)
    throw Error(
        fmt::format("[{}] value is {} and key {}; they must have the same number of positions, at least one.",
                    state_->name(), describe(value), describe(key)));
  const std::int64_t value_dim = options_.value_dim.value_or(key_dim_);
  const Tensor q = projected(call, "query", query, key_dim_), k = projected(call, "key", key, key_dim_),
               v = projected(call, "value", value, value_dim);
  const bool drops = mode.is_training() && options_.dropout > 0;
  // The scores have an axis for the heads that the masks lack.
  Tensor mask = attention_mask.defined() && attention_mask.rank() == 3 ? expand_dims(attention_mask, 1)
                                                                       : attention_mask;
  const auto restrict_by = [&](const Tensor& times, const std::vector<int>& axes) {
    if (!times.defined()) return;
    Tensor spread = times;
    for (const int axis : axes) spread = expand_dims(spread, axis);
    mask = mask.defined() ? mask && spread : spread;
  };
  const Tensor of_query = mode.mask_of(query), of_value = mode.mask_of(value), of_key = mode.mask_of(key);
  restrict_by(of_query, {1, 3});
  restrict_by(of_value, {1, 2});
  if (of_key.get() != of_value.get()) restrict_by(of_key, {1, 2});
  if (of_query.defined()) call.keep_mask();
  const Tensor attended = multi_head_attention(q, k, v, num_heads_,
                                               {.mask = mask,
                                                .is_causal = options_.use_causal_mask,
                                                .dropout = drops ? options_.dropout : 0,
                                                .dropout_key = drops ? mode.next_key() : RandomKey()});
  const std::int64_t outputs = options_.output_shape.value_or(query.size(-1));
  const Tensor together =
      kernel_of(call, {num_heads_, value_dim, outputs}, options_, "attention_output/kernel");
  const Tensor y = matmul(attended, reshape(together, Shape{num_heads_ * value_dim, outputs}));
  return call.done(with_bias(call, y, options_, "attention_output/bias"));
}

// Projects x for all heads in one product; the heads lie side by side in the last axis.
Tensor MultiHeadAttention::projected(const LayerCall& call, const std::string& name, const Tensor& x,
                                     std::int64_t size) const {
  const Tensor weight = kernel_of(call, {x.size(-1), num_heads_, size}, options_, name + "/kernel");
  const Tensor y = matmul(as_float(x), reshape(weight, Shape{x.size(-1), num_heads_ * size}));
  const Tensor bias = bias_of(call, {num_heads_, size}, options_, name + "/bias");
  return bias.defined() ? y + reshape(bias, Shape{num_heads_ * size}) : y;
}

}  // namespace hekla
