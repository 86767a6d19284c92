// Rules of recurrent layers. PyTorch keeps gates in rows and two biases that are added; its GRU has the gates
// in the order r, z, n, hekla's (Keras's) in the order z, r, g.
#include <string>
#include <utility>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/view.h"
#include "train/torch/rules_parts.h"

namespace hekla::torch {

namespace {

using Reorder = Tensor (*)(const Tensor& gates, int axis);

Tensor as_they_are(const Tensor& gates, int) { return gates; }

// Swaps the first two of three gates, which undoes itself.
Tensor swapped(const Tensor& gates, int axis) {
  const std::vector<Tensor> parts = split(gates, 3, axis);
  return concat({parts[1], parts[0], parts[2]}, axis);
}

// Kernels, whose columns are the gates.
Named kernels_to_torch(const Named& weights, Reorder reorder) {
  return {{"weight_ih_l0", transpose(reorder(weights.at("kernel"), 1))},
          {"weight_hh_l0", transpose(reorder(weights.at("recurrent_kernel"), 1))}};
}
Named kernels_from_torch(const Named& parameters, Reorder reorder) {
  return {{"kernel", reorder(transpose(parameters.at("weight_ih_l0")), 1)},
          {"recurrent_kernel", reorder(transpose(parameters.at("weight_hh_l0")), 1)}};
}

// One bias is the sum of PyTorch's two.
Rule one_bias(std::string text) {
  return {.text = std::move(text),
          .to_torch =
              [](const Named& weights) {
                Named parameters = kernels_to_torch(weights, as_they_are);
                if (weights.contains("bias")) {
                  parameters["bias_ih_l0"] = weights.at("bias");
                  parameters["bias_hh_l0"] = zeros(weights.at("bias").shape());
                }
                return parameters;
              },
          .from_torch =
              [](const Named& parameters, const Named& weights) {
                Named values = kernels_from_torch(parameters, as_they_are);
                if (weights.contains("bias"))
                  values["bias"] = parameters.at("bias_ih_l0") + parameters.at("bias_hh_l0");
                return values;
              }};
}

Rule gru_rule() {
  return {.text =
              "GRU: weight_ih and weight_hh are kernel and recurrent_kernel transposed, the gates r, z, n "
              "for z, r, g; "
              "bias_ih and bias_hh are the rows of bias",
          .to_torch =
              [](const Named& weights) {
                Named parameters = kernels_to_torch(weights, swapped);
                if (!weights.contains("bias")) return parameters;
                const Tensor& bias = weights.at("bias");
                if (bias.rank() == 1)
                  throw Error(
                      "[torch] a GRU without reset_after has no counterpart in PyTorch, whose GRU applies r "
                      "after the product; make the layer with reset_after, its default.");
                parameters["bias_ih_l0"] = swapped(bias[0], 0);
                parameters["bias_hh_l0"] = swapped(bias[1], 0);
                return parameters;
              },
          .from_torch =
              [](const Named& parameters, const Named& weights) {
                Named values = kernels_from_torch(parameters, swapped);
                if (weights.contains("bias"))
                  values["bias"] = stack(
                      {swapped(parameters.at("bias_ih_l0"), 0), swapped(parameters.at("bias_hh_l0"), 0)}, 0);
                return values;
              }};
}

// Those whose names begin with `prefix` and end with `suffix`, without these.
Named part_of(const Named& all, const std::string& prefix, const std::string& suffix) {
  Named part;
  for (const auto& [name, tensor] : all) {
    if (name.starts_with(prefix) && name.ends_with(suffix))
      part[name.substr(prefix.size(), name.size() - prefix.size() - suffix.size())] = tensor;
  }
  return part;
}

void add_renamed(Named& to, const Named& part, const std::string& prefix, const std::string& suffix) {
  for (const auto& [name, tensor] : part) to[prefix + name + suffix] = tensor;
}

constexpr const char *forward = "forward/", *backward = "backward/", *reverse = "_reverse";

}  // namespace

void add_recurrent_rules(std::map<std::string, Rule>& rules) {
  const std::string kernels =
      "weight_ih and weight_hh are kernel and recurrent_kernel transposed; "
      "bias_ih + bias_hh is bias";
  rules["LSTM"] = one_bias("LSTM: " + kernels);
  rules["SimpleRNN"] = one_bias("RNN: " + kernels);
  rules["GRU"] = gru_rule();
}

Rule both_directions(const Rule& one) {
  return {.text = one.text + "; likewise those of the backward layer with _reverse",
          .to_torch =
              [one](const Named& weights) {
                Named parameters = one.to_torch(part_of(weights, forward, ""));
                add_renamed(parameters, one.to_torch(part_of(weights, backward, "")), "", reverse);
                return parameters;
              },
          .from_torch =
              [one](const Named& parameters, const Named& weights) {
                Named values;
                add_renamed(values, one.from_torch(parameters, part_of(weights, forward, "")), forward, "");
                add_renamed(values,
                            one.from_torch(part_of(parameters, "", reverse), part_of(weights, backward, "")),
                            backward, "");
                return values;
              }};
}

}  // namespace hekla::torch
