// Functions shared by the layers of attention.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ops/matmul.h"
#include "ops/view.h"
#include "train/layers/kernel_and_bias.h"
#include "train/layers/layer.h"

namespace hekla {

/// Throws hekla::Error `[layer] ...` unless query, value and key are [batch, positions, features] and key and value have
/// the same positions.
void check_attended(std::string_view layer, const Tensor& query, const Tensor& value, const Tensor& key);

/// Throws hekla::Error `[layer] ...` unless dropout lies in [0, 1].
void check_dropout(std::string_view layer, double dropout);

/// The keys that each query may attend to, in a shape that broadcasts to [batch, heads, queries, keys]: those of
/// `attention_mask` of which query, value and key count; empty for all.
Tensor combined_mask(const Mode& mode, const Tensor& query, const Tensor& value, const Tensor& key,
                     const Tensor& attention_mask);

/// x [batch, positions, features] projected for all heads in one product; the heads lie side by side in the last axis.
template <class Options>
Tensor projected(const LayerCall& call, const std::string& name, const Tensor& x, std::int64_t heads,
                 std::int64_t size, Options options) {
  options.kernel_initializer = over_axes(options.kernel_initializer, {0});
  const Tensor kernel = kernel_of(call, {x.size(-1), heads, size}, options, name + "/kernel");
  const Tensor y = matmul(as_float(x), reshape(kernel, Shape{x.size(-1), heads * size}));
  const Tensor bias = bias_of(call, {heads, size}, options, name + "/bias");
  return bias.defined() ? y + reshape(bias, Shape{heads * size}) : y;
}

/// What all heads give, side by side in the last axis, projected together.
template <class Options>
Tensor projected_together(const LayerCall& call, const Tensor& attended, std::int64_t heads,
                          std::int64_t outputs, Options options) {
  options.kernel_initializer = over_axes(options.kernel_initializer, {0, 1});
  const std::int64_t size = attended.size(-1) / heads;
  const Tensor kernel = kernel_of(call, {heads, size, outputs}, options, "attention_output/kernel");
  const Tensor y = matmul(attended, reshape(kernel, Shape{heads * size, outputs}));
  return with_bias(call, y, options, "attention_output/bias");
}

}  // namespace hekla
