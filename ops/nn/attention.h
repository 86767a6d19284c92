// Attention.
#pragma once

#include <cstdint>
#include <optional>

#include "graph/tensor.h"
#include "ops/random.h"

namespace hekla {

struct AttentionOptions {
  /// Broadcasts to [.., queries, keys]. bool: true where a query attends to a key. f32: added to the scores,
  /// -inf where a key is masked.
  Tensor mask = {};
  /// A query attends to the keys up to its own position.
  bool is_causal = false;
  /// Factor of the scores; none: 1 / sqrt(features).
  std::optional<double> scale = {};
  /// In training: each attention weight is 0 with this probability, decided by `dropout_key` (see
  /// hk::dropout).
  double dropout = 0;
  RandomKey dropout_key = {};
};

/// softmax(scale * query key^T, over the keys) value: f32 query [.., queries, features], key [.., keys,
/// features] and value [.., keys, outputs] give [.., queries, outputs]; leading axes broadcast. A query whose
/// keys are all masked gives 0, with either kind of mask, and has zero gradient. Throws hekla::Error when
/// ranks are below 2, a dtype is not f32, sizes do not match or there are no keys.
/// (torch.nn.functional.scaled_dot_product_attention; Vaswani et al.: Attention Is All You Need, NIPS 2017.)
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options = {});

/// The same for each of `heads`, which lie side by side in the last axis: query [.., queries, heads *
/// features], key [.., keys, heads * features] and value [.., keys, heads * outputs] give [.., queries, heads
/// * outputs]. The mask broadcasts to [.., heads, queries, keys]. The projections before and after are dense
/// layers of the caller. Throws hekla::Error also when `heads` does not divide the last axes.
Tensor multi_head_attention(const Tensor& query, const Tensor& key, const Tensor& value, std::int64_t heads,
                            const AttentionOptions& options = {});

}  // namespace hekla
