// See attention.h.
#include <fmt/format.h>

#include <utility>

#include "graph/error.h"
#include "ops/activation.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/matmul.h"
#include "ops/nn/dropout.h"
#include "ops/reduce.h"
#include "train/layers/attention.h"
#include "train/layers/attention_parts.h"

namespace hekla {

namespace {

// What Keras subtracts from the scores of keys that are left out: were all of them, the others would differ still.
constexpr double far_below = 1e9;

}  // namespace

AdditiveAttention::AdditiveAttention(AdditiveAttentionOptions options)
    : options_(std::move(options)),
      state_(std::make_shared<LayerState>("AdditiveAttention", options_.name, options_.trainable)) {
  check_dropout(state_->display_name(), options_.dropout);
}

Tensor AdditiveAttention::operator()(const Tensor& query, const Tensor& value, const Mode& mode) const {
  LayerCall call(state_, mode, {query, value});
  return attend(call, query, value, value, mode);
}

Tensor AdditiveAttention::operator()(const Tensor& query, const Tensor& value, const Tensor& key,
                                     const Mode& mode) const {
  LayerCall call(state_, mode, {query, value, key});
  return attend(call, query, value, key, mode);
}

Tensor AdditiveAttention::attend(LayerCall& call, const Tensor& query, const Tensor& value, const Tensor& key,
                                 const Mode& mode) const {
  check_attended(state_->name(), query, value, key);
  if (query.size(2) != key.size(2))
    throw Error(fmt::format("[{}] query is {} and key {}; they must have the same number of features.",
                            state_->name(), describe(query), describe(key)));
  call.keep_mask();
  Tensor together = tanh(expand_dims(as_float(query), 2) + expand_dims(as_float(key), 1));
  if (options_.use_scale) together = together * call.weight("scale", {query.size(2)}, "glorot_uniform");
  Tensor scores = sum(together, {-1});
  Tensor attended_to;  // broadcasts to [batch, queries, keys]
  if (const Tensor counts = mode.mask_of(value); counts.defined()) attended_to = expand_dims(counts, 1);
  if (options_.use_causal_mask) {
    const Tensor past = expand_dims(arange(query.size(1)), 1) >= arange(key.size(1));
    attended_to = attended_to.defined() ? attended_to && past : past;
  }
  if (attended_to.defined()) scores = where(attended_to, scores, scores - far_below);
  Tensor weights = softmax(scores, -1);
  if (mode.is_training() && options_.dropout > 0)
    weights = dropout(weights, options_.dropout, mode.next_key());
  const Tensor attended = matmul(weights, as_float(value));
  const Tensor counts = mode.mask_of(query);
  return call.done(counts.defined() ? where(expand_dims(counts, 2), attended, 0) : attended);
}

}  // namespace hekla
