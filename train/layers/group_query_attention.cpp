// See attention.h.
#include <fmt/format.h>

#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/join.h"
#include "ops/nn/attention.h"
#include "train/layers/attention.h"
#include "train/layers/attention_parts.h"

namespace hekla {

namespace {

// Which keys are less than `window` positions away from a query, bool [queries, keys].
Tensor near(std::int64_t queries, std::int64_t keys, std::int64_t window) {
  return abs(expand_dims(arange(queries), 1) - arange(keys)) < window;
}

// Each head, of `size` features, as often as query heads share it.
Tensor shared(const Tensor& x, std::int64_t heads, std::int64_t size, std::int64_t times) {
  const Tensor apart = reshape(x, {x.size(0), x.size(1), heads, size});
  return reshape(repeat(apart, times, 2), {x.size(0), x.size(1), heads * times * size});
}

}  // namespace

GroupQueryAttention::GroupQueryAttention(std::int64_t head_dim, std::int64_t num_query_heads,
                                         std::int64_t num_key_value_heads, GroupQueryAttentionOptions options)
    : head_dim_(head_dim),
      num_query_heads_(num_query_heads),
      num_key_value_heads_(num_key_value_heads),
      options_(std::move(options)),
      state_(std::make_shared<LayerState>("GroupQueryAttention", options_.name, options_.trainable)) {
  const std::string layer = state_->display_name();
  if (head_dim < 1 || num_query_heads < 1 || num_key_value_heads < 1)
    throw Error(fmt::format(
        "[{}] head_dim is {}, num_query_heads {} and num_key_value_heads {}; all must be positive.", layer,
        head_dim, num_query_heads, num_key_value_heads));
  if (num_query_heads % num_key_value_heads != 0)
    throw Error(
        fmt::format("[{}] {} heads of the query share {} of key and value; the latter must divide "
                    "the former.",
                    layer, num_query_heads, num_key_value_heads));
  if (options_.sliding_window && *options_.sliding_window < 1)
    throw Error(
        fmt::format("[{}] sliding_window is {}; it must be positive.", layer, *options_.sliding_window));
  check_dropout(layer, options_.dropout);
}

Tensor GroupQueryAttention::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  return attend(call, x, x, x, mode, {});
}

Tensor GroupQueryAttention::operator()(const Tensor& query, const Tensor& value, const Mode& mode) const {
  LayerCall call(state_, mode, {query, value});
  return attend(call, query, value, value, mode, {});
}

Tensor GroupQueryAttention::operator()(const Tensor& query, const Tensor& value, const Tensor& key,
                                       const Mode& mode, const Tensor& attention_mask) const {
  LayerCall call(state_, mode, {query, value, key});
  return attend(call, query, value, key, mode, attention_mask);
}

Tensor GroupQueryAttention::attend(LayerCall& call, const Tensor& query, const Tensor& value,
                                   const Tensor& key, const Mode& mode, const Tensor& attention_mask) const {
  check_attended(state_->name(), query, value, key);
  call.keep_mask();
  const std::int64_t times = num_query_heads_ / num_key_value_heads_;
  const auto of_group = [&](const std::string& name, const Tensor& x) {
    const Tensor one_each = projected(call, name, x, num_key_value_heads_, head_dim_, options_);
    return times == 1 ? one_each : shared(one_each, num_key_value_heads_, head_dim_, times);
  };
  const Tensor q = projected(call, "query", query, num_query_heads_, head_dim_, options_);
  const Tensor k = of_group("key", key), v = of_group("value", value);
  Tensor mask = combined_mask(mode, query, value, key, attention_mask);
  if (options_.sliding_window) {
    const Tensor window = near(query.size(1), key.size(1), *options_.sliding_window);
    mask = mask.defined() ? mask && window : window;
  }
  const bool drops = mode.is_training() && options_.dropout > 0;
  Tensor attended = multi_head_attention(q, k, v, num_query_heads_,
                                         {.mask = mask,
                                          .is_causal = options_.use_causal_mask,
                                          .dropout = drops ? options_.dropout : 0,
                                          .dropout_key = drops ? mode.next_key() : RandomKey()});
  if (options_.use_gate)
    attended = attended * sigmoid(projected(call, "gate", query, num_query_heads_, head_dim_, options_));
  return call.done(projected_together(call, attended, num_query_heads_, query.size(-1), options_));
}

}  // namespace hekla
