// The kernel and the bias that layers have in common, made as their options say. The options name the fields
// themselves: a designated initializer of C++20 reaches no field of a base class.
#pragma once

#include <concepts>
#include <string_view>

#include "ops/elementwise.h"
#include "train/layers/layer.h"

namespace hekla {

/// Options with the fields of a kernel.
template <class Options>
concept HasKernel = requires(const Options& options) {
  { options.kernel_initializer } -> std::same_as<const Initializer&>;
  { options.kernel_regularizer } -> std::same_as<const Regularizer&>;
  { options.kernel_constraint } -> std::same_as<const Constraint&>;
};

/// Options with the fields of a bias.
template <class Options>
concept HasBias = requires(const Options& options) {
  { options.use_bias } -> std::same_as<const bool&>;
  { options.bias_initializer } -> std::same_as<const Initializer&>;
  { options.bias_regularizer } -> std::same_as<const Regularizer&>;
  { options.bias_constraint } -> std::same_as<const Constraint&>;
};

/// The layer's kernel.
template <HasKernel Options>
Tensor kernel_of(const LayerCall& call, const Shape& shape, const Options& options,
                 std::string_view name = "kernel") {
  return call.weight(name, shape, options.kernel_initializer,
                     {options.kernel_regularizer, options.kernel_constraint, true, true});
}

/// The layer's bias; empty where it has none.
template <HasBias Options>
Tensor bias_of(const LayerCall& call, const Shape& shape, const Options& options,
               std::string_view name = "bias") {
  if (!options.use_bias) return {};
  return call.weight(name, shape, options.bias_initializer,
                     {options.bias_regularizer, options.bias_constraint});
}

/// y with the layer's bias over the last axis, if it has one.
template <HasBias Options>
Tensor with_bias(const LayerCall& call, const Tensor& y, const Options& options,
                 std::string_view name = "bias") {
  const Tensor bias = bias_of(call, {y.size(-1)}, options, name);
  return bias.defined() ? y + bias : y;
}

}  // namespace hekla
