// The rule of MultiHeadAttention. PyTorch has the heads side by side in the rows of its matrices, and the
// projections of query, key and value in one matrix where their inputs have as many features.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "ops/join.h"
#include "ops/view.h"
#include "train/torch/rules_parts.h"

namespace hekla::torch {

namespace {

constexpr std::array<std::string_view, 3> projections{"query", "key", "value"};

std::string kernel_name(std::string_view projection) { return std::string(projection) + "/kernel"; }
std::string bias_name(std::string_view projection) { return std::string(projection) + "/bias"; }
// "q_proj_weight".
std::string own_name(std::string_view projection) { return std::string(1, projection[0]) + "_proj_weight"; }

constexpr const char *out_kernel = "attention_output/kernel", *out_bias = "attention_output/bias";

// [features, heads, size] to [heads * size, features].
Tensor rows_of_heads(const Tensor& kernel) {
  return transpose(reshape(kernel, Shape{kernel.size(0), kernel.size(1) * kernel.size(2)}));
}

bool takes_equal_features(const Named& weights) {
  const auto features = [&](std::string_view projection) {
    return weights.at(kernel_name(projection)).size(0);
  };
  return features("query") == features("key") && features("query") == features("value");
}

Named to_torch(const Named& weights) {
  Named parameters;
  std::vector<Tensor> kernels, biases;
  for (const std::string_view projection : projections) {
    kernels.push_back(rows_of_heads(weights.at(kernel_name(projection))));
    if (weights.contains(bias_name(projection))) {
      const Tensor& bias = weights.at(bias_name(projection));
      biases.push_back(reshape(bias, Shape{bias.count()}));
    }
  }
  if (takes_equal_features(weights)) {
    parameters["in_proj_weight"] = concat(kernels, 0);
  } else {
    for (std::size_t i = 0; i < projections.size(); ++i) parameters[own_name(projections[i])] = kernels[i];
  }
  if (!biases.empty()) parameters["in_proj_bias"] = concat(biases, 0);
  const Tensor& out = weights.at(out_kernel);
  parameters["out_proj.weight"] = transpose(reshape(out, Shape{out.size(0) * out.size(1), out.size(2)}));
  if (weights.contains(out_bias)) parameters["out_proj.bias"] = weights.at(out_bias);
  return parameters;
}

Named from_torch(const Named& parameters, const Named& weights) {
  std::vector<std::int64_t> rows;
  for (const std::string_view projection : projections) {
    const Shape& shape = weights.at(kernel_name(projection)).shape();
    rows.push_back(shape[1] * shape[2]);
  }
  std::vector<Tensor> kernels, biases;
  if (takes_equal_features(weights)) {
    kernels = split(parameters.at("in_proj_weight"), rows, 0);
  } else {
    for (const std::string_view projection : projections)
      kernels.push_back(parameters.at(own_name(projection)));
  }
  if (parameters.contains("in_proj_bias")) biases = split(parameters.at("in_proj_bias"), rows, 0);
  Named values;
  for (std::size_t i = 0; i < projections.size(); ++i) {
    const Tensor& kernel = weights.at(kernel_name(projections[i]));
    values[kernel_name(projections[i])] = reshape(transpose(kernels[i]), kernel.shape());
    if (!biases.empty())
      values[bias_name(projections[i])] = reshape(biases[i], Shape{kernel.size(1), kernel.size(2)});
  }
  values[out_kernel] = reshape(transpose(parameters.at("out_proj.weight")), weights.at(out_kernel).shape());
  if (parameters.contains("out_proj.bias")) values[out_bias] = parameters.at("out_proj.bias");
  return values;
}

}  // namespace

void add_attention_rule(std::map<std::string, Rule>& rules) {
  rules["MultiHeadAttention"] = {.text =
                                     "MultiheadAttention: in_proj_weight (or q_proj_weight, k_proj_weight, "
                                     "v_proj_weight), in_proj_bias and out_proj are "
                                     "the kernels transposed and the biases, the heads side by side",
                                 .to_torch = to_torch,
                                 .from_torch = from_torch};
}

}  // namespace hekla::torch
