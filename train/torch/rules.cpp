// See rule.h. Rules of layers whose parameters are moved one by one.
#include <fmt/format.h>

#include <numeric>
#include <utility>
#include <vector>

#include "ops/view.h"
#include "train/torch/rule.h"
#include "train/torch/rules_parts.h"

namespace hekla::torch {

namespace {

// A weight and its parameter, with the way from each to the other.
struct Pair {
  std::string weight, parameter;
  Tensor (*to_torch)(const Tensor& weight);
  Tensor (*from_torch)(const Tensor& parameter, const Shape& shape);
};

Tensor same(const Tensor& weight) { return weight; }
Tensor same_back(const Tensor& parameter, const Shape&) { return parameter; }
Tensor transposed(const Tensor& weight) { return transpose(weight); }
Tensor transposed_back(const Tensor& parameter, const Shape&) { return transpose(parameter); }

// [spatial, a, b] to [b, a, spatial].
Tensor channels_first(const Tensor& kernel) {
  const int rank = kernel.rank();
  std::vector<int> order{rank - 1, rank - 2};
  for (int axis = 0; axis < rank - 2; ++axis) order.push_back(axis);
  return permute(kernel, order);
}
// [b, a, spatial] to [spatial, a, b].
Tensor channels_last(const Tensor& kernel, const Shape&) {
  std::vector<int> order;
  for (int axis = 2; axis < kernel.rank(); ++axis) order.push_back(axis);
  order.insert(order.end(), {1, 0});
  return permute(kernel, order);
}

// [spatial, channels, filters of each] to [channels * filters of each, 1, spatial].
Tensor depthwise(const Tensor& kernel) {
  const int rank = kernel.rank();
  std::vector<int> order{rank - 2, rank - 1};
  Shape shape{kernel.size(-2) * kernel.size(-1), 1};
  for (int axis = 0; axis < rank - 2; ++axis) {
    order.push_back(axis);
    shape.push_back(kernel.size(axis));
  }
  return reshape(permute(kernel, order), shape);
}
Tensor depthwise_back(const Tensor& parameter, const Shape& shape) {
  const int rank = shape.rank();
  Shape divided{shape[rank - 2], shape[rank - 1]};
  std::vector<int> order;
  for (int axis = 0; axis < rank - 2; ++axis) {
    divided.push_back(shape[axis]);
    order.push_back(axis + 2);
  }
  order.insert(order.end(), {0, 1});
  return permute(reshape(parameter, divided), order);
}

Tensor in_a_row(const Tensor& weight) { return reshape(weight, Shape{weight.count()}); }
Tensor shaped(const Tensor& parameter, const Shape& shape) { return reshape(parameter, shape); }

// Weights that a layer is made without are left out in both directions.
Rule pairwise(std::string text, std::vector<Pair> pairs) {
  return {.text = std::move(text),
          .to_torch =
              [pairs](const Named& weights) {
                Named parameters;
                for (const Pair& pair : pairs) {
                  if (weights.contains(pair.weight))
                    parameters[pair.parameter] = pair.to_torch(weights.at(pair.weight));
                }
                return parameters;
              },
          .from_torch =
              [pairs](const Named& parameters, const Named& weights) {
                Named values;
                for (const Pair& pair : pairs) {
                  if (weights.contains(pair.weight))
                    values[pair.weight] =
                        pair.from_torch(parameters.at(pair.parameter), weights.at(pair.weight).shape());
                }
                return values;
              }};
}

std::map<std::string, Rule> made_rules() {
  const Pair bias{"bias", "bias", same, same_back}, gamma{"gamma", "weight", same, same_back},
      beta{"beta", "bias", same, same_back};
  std::map<std::string, Rule> rules;
  rules["Dense"] = pairwise("Linear: weight [out, in] is kernel [in, out] transposed; bias",
                            {{"kernel", "weight", transposed, transposed_back}, bias});
  for (const int axes : {1, 2, 3}) {
    rules[fmt::format("Conv{}D", axes)] = pairwise(
        fmt::format("Conv{}d: weight [out, in / groups, spatial] is kernel [spatial, in / groups, out]; bias",
                    axes),
        {{"kernel", "weight", channels_first, channels_last}, bias});
    rules[fmt::format("Conv{}DTranspose", axes)] = pairwise(
        fmt::format("ConvTranspose{}d: weight [in, out, spatial] is kernel [spatial, out, in]; bias", axes),
        {{"kernel", "weight", channels_first, channels_last}, bias});
  }
  for (const int axes : {1, 2})
    rules[fmt::format("DepthwiseConv{}D", axes)] = pairwise(
        fmt::format("Conv{}d with groups = in: weight [in * multiplier, 1, spatial] is kernel [spatial, in, "
                    "multiplier]; bias",
                    axes),
        {{"kernel", "weight", depthwise, depthwise_back}, bias});
  rules["BatchNormalization"] =
      pairwise("BatchNorm: weight is gamma, bias beta, running_mean moving_mean, running_var moving_variance",
               {gamma,
                beta,
                {"moving_mean", "running_mean", same, same_back},
                {"moving_variance", "running_var", same, same_back}});
  rules["LayerNormalization"] = pairwise("LayerNorm: weight is gamma, bias beta", {gamma, beta});
  rules["GroupNormalization"] = pairwise("GroupNorm: weight is gamma, bias beta", {gamma, beta});
  rules["RMSNormalization"] = pairwise("RMSNorm: weight is scale", {{"scale", "weight", same, same_back}});
  rules["Embedding"] =
      pairwise("Embedding: weight is embeddings", {{"embeddings", "weight", same, same_back}});
  rules["PReLU"] = pairwise("PReLU: weight [channels] is alpha with the other axes shared",
                            {{"alpha", "weight", in_a_row, shaped}});
  add_recurrent_rules(rules);
  add_attention_rule(rules);
  return rules;
}

}  // namespace

const std::map<std::string, Rule>& rules() {
  static const std::map<std::string, Rule> all = made_rules();
  return all;
}

std::string rules_text() {
  std::string text;
  for (const auto& [type, rule] : rules()) text += fmt::format("{:<20} {}\n", type, rule.text);
  return text;
}

}  // namespace hekla::torch
