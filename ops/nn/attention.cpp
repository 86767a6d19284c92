// Attention.
#include "ops/nn/attention.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>

#include "graph/error.h"
#include "ops/activation.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/nn/dropout.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

constexpr double unseen = -std::numeric_limits<double>::infinity();

void check_operands(std::string_view op, const Tensor& query, const Tensor& key, const Tensor& value) {
  for (const Tensor* x : {&query, &key, &value}) {
    if (x->rank() < 2 || x->dtype() != DType::f32) {
      throw Error(
          fmt::format("[{}] {} among query, key and value; all must be f32 [.., positions, features].", op,
                      describe(*x)));
    }
  }
  if (key.size(-2) != value.size(-2) || key.size(-2) == 0) {
    throw Error(
        fmt::format("[{}] key {} and value {}; they must have the same number of positions, at least one.",
                    op, describe(key), describe(value)));
  }
  if (query.size(-1) != key.size(-1)) {
    throw Error(fmt::format("[{}] query {} and key {}; they must have the same number of features.", op,
                            describe(query), describe(key)));
  }
}

// The mask of the keys that each query attends to, or an empty tensor where it attends to all.
Tensor seen(const Tensor& scores, const AttentionOptions& options) {
  Tensor visible;
  if (options.is_causal) {
    const Shape square{scores.size(-2), scores.size(-1)};
    visible = iota(square, 0) >= iota(square, 1);
  }
  if (options.mask.defined() && options.mask.dtype() == DType::boolean) {
    visible = visible.defined() ? logical_and(visible, options.mask) : options.mask;
  }
  return visible.defined() ? broadcast_to(visible, scores.shape()) : visible;
}

// softmax over the keys; 0 for a query whose keys are all masked.
Tensor weights_of(const Tensor& scores) {
  const Tensor largest = stop_gradient(max(scores, {-1}, KeepDims::yes));
  const Tensor e = exp(scores - where(largest == unseen, 0, largest));
  const Tensor total = sum(e, {-1}, KeepDims::yes);
  return e / where(total == 0, 1, total);
}

// The identity permutation of `rank` axes with a and b exchanged.
std::vector<int> exchanged(int rank, int a, int b) {
  std::vector<int> order(static_cast<std::size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[static_cast<std::size_t>(a)], order[static_cast<std::size_t>(b)]);
  return order;
}

// [.., positions, heads * features] to [.., heads, positions, features].
Tensor split_heads(const Tensor& x, std::int64_t heads) {
  Shape shape = x.shape();
  shape[x.rank() - 1] = heads;
  shape.push_back(x.size(-1) / heads);
  return permute(reshape(x, shape), exchanged(shape.rank(), shape.rank() - 3, shape.rank() - 2));
}

}  // namespace

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options) {
  const std::string_view op = "scaled_dot_product_attention";
  check_operands(op, query, key, value);
  const double scale =
      options.scale.value_or(1 / std::sqrt(static_cast<double>(std::max<std::int64_t>(query.size(-1), 1))));
  Tensor scores = matmul(query, transpose(key)) * scale;
  if (options.mask.defined()) {
    const DType dtype = options.mask.dtype();
    if ((dtype != DType::boolean && dtype != DType::f32) ||
        !(broadcast_shapes(options.mask.shape(), scores.shape(), op) == scores.shape())) {
      throw Error(
          fmt::format("[{}] the mask is {} for scores {}; it must be bool or f32 and broadcast to them.", op,
                      describe(options.mask), to_string(scores.shape())));
    }
    if (dtype == DType::f32) scores = scores + options.mask;
  }
  if (const Tensor visible = seen(scores, options); visible.defined()) {
    scores = where(visible, scores, unseen);
  }
  const Tensor weights = options.mask.defined() || options.is_causal ? weights_of(scores) : softmax(scores);
  return matmul(options.dropout == 0 ? weights : dropout(weights, options.dropout, options.dropout_key),
                value);
}

Tensor multi_head_attention(const Tensor& query, const Tensor& key, const Tensor& value, std::int64_t heads,
                            const AttentionOptions& options) {
  const std::string_view op = "multi_head_attention";
  check_operands(op, query, key, value);
  if (heads < 1 || query.size(-1) % heads != 0 || value.size(-1) % heads != 0) {
    throw Error(fmt::format("[{}] {} heads for query {} and value {}; the heads must divide their last axes.",
                            op, heads, describe(query), describe(value)));
  }
  const Tensor attended = scaled_dot_product_attention(split_heads(query, heads), split_heads(key, heads),
                                                       split_heads(value, heads), options);
  Shape shape(std::span<const std::int64_t>(attended.shape().begin(), attended.shape().end() - 3));
  shape.push_back(attended.size(-2));
  shape.push_back(heads * attended.size(-1));
  return reshape(permute(attended, exchanged(attended.rank(), attended.rank() - 3, attended.rank() - 2)),
                 shape);
}

}  // namespace hekla
