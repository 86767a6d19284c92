// See units.h.
#include "train/torch/units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "graph/error.h"
#include "ops/reorder.h"
#include "ops/view.h"

namespace hekla::torch {

namespace {

// The shape, without the batch, that a reshape on the way to x flattened into its features; empty if there is
// none of at least two spatial axes. Only elementwise operations lie between.
Shape flattened_into(const Tensor& x) {
  if (!x.defined() || x.rank() != 2) return {};
  std::vector<Tensor> open{x};
  std::unordered_set<const Node*> seen{x.get()};
  while (!open.empty()) {
    const Tensor tensor = open.back();
    open.pop_back();
    for (const Tensor& from : tensor.node().inputs) {
      const bool keeps_batch = from.rank() >= 2 && from.size(0) == x.size(0) && from.count() == x.count();
      if (!keeps_batch || !seen.insert(from.get()).second) continue;
      if (tensor.node().op == &reshape_op && from.rank() >= 4) {
        Shape shape;
        for (int axis = 1; axis < from.rank(); ++axis) shape.push_back(from.size(axis));
        return shape;
      }
      if (tensor.node().op == &reshape_op || tensor.node().op->kind == Kind::elementwise)
        open.push_back(from);
    }
  }
  return {};
}

// The first axis of a weight from [spatial, channels] to [channels, spatial], or back.
Tensor reordered(const Tensor& weight, const Shape& images, bool to_torch) {
  const int axes = images.rank();
  Shape divided = images;
  if (!to_torch) {
    divided = Shape{images.back()};
    for (int axis = 0; axis < axes - 1; ++axis) divided.push_back(images[axis]);
  }
  for (int axis = 1; axis < weight.rank(); ++axis) divided.push_back(weight.size(axis));
  const Tensor parts = reshape(weight, divided);
  return reshape(to_torch ? moveaxis(parts, axes - 1, 0) : moveaxis(parts, 0, axes - 1), weight.shape());
}

// Those that have the features of the layer's input as their first axis.
bool has_features(std::string_view type, std::string_view weight) {
  constexpr std::array<std::string_view, 3> normalizations{"BatchNormalization", "LayerNormalization",
                                                           "RMSNormalization"};
  return (type == "Dense" && weight == "kernel") ||
         std::ranges::find(normalizations, type) != normalizations.end();
}

// The rule of a layer after a Flatten of images.
Rule after_flatten(Rule rule, const std::string& type, const Shape& images) {
  const auto reorder = [type, images](Named named, bool to_torch) {
    for (auto& [name, tensor] : named) {
      if (has_features(type, name)) tensor = reordered(tensor, images, to_torch);
    }
    return named;
  };
  return {.text = fmt::format("{}; rows from {} to channels first", rule.text, to_string(images)),
          .to_torch = [rule, reorder](const Named& weights) { return rule.to_torch(reorder(weights, true)); },
          .from_torch =
              [rule, reorder](const Named& parameters, const Named& weights) {
                return reorder(rule.from_torch(parameters, weights), false);
              }};
}

Unit variable_unit(std::string name, const Tensor& variable) {
  const Rule as_it_is{.text = "as it is",
                      .to_torch = [](const Named& weights) { return weights; },
                      .from_torch = [](const Named& parameters, const Named&) { return parameters; }};
  return {.name = std::move(name), .type = "Variable", .weights = {{"", variable}}, .rule = as_it_is};
}

const Rule* rule_for(const std::string& type, const WeightOptions& options) {
  const auto own = options.rules.find(type);
  if (own != options.rules.end()) return &own->second;
  const auto known = rules().find(type);
  return known != rules().end() ? &known->second : nullptr;
}

// The images that were flattened before the layer, as the options say or as found; checked against its weights.
Shape images_before(const Unit& unit, const Tensor& input, const WeightOptions& options,
                    const std::string& caller) {
  const auto given = options.flattened.find(unit.name);
  const Shape images = given != options.flattened.end() ? given->second : flattened_into(input);
  if (images.rank() < 2) return {};
  for (const auto& [name, weight] : unit.weights) {
    if (!has_features(unit.type, name)) continue;
    if (weight.rank() > 0 && weight.size(0) == images.count()) return images;
    if (given != options.flattened.end())
      throw Error(fmt::format(
          "[{}] {} is given as flattened before '{}', whose {} is {}; their numbers of features differ.",
          caller, to_string(images), unit.name, name, to_string(weight.shape())));
  }
  if (given != options.flattened.end())
    throw Error(
        fmt::format("[{}] {} is given as flattened before '{}', a {}; only Dense and normalizations "
                    "depend on that.",
                    caller, to_string(images), unit.name, unit.type));
  return {};
}

void check_names(const std::vector<Unit>& units, const WeightOptions& options, const std::string& caller) {
  const auto check = [&](const std::string& name) {
    if (std::ranges::find(units, name, &Unit::name) != units.end()) return;
    std::vector<std::string> there;
    for (const Unit& unit : units) there.push_back("'" + unit.name + "'");
    throw Error(fmt::format("[{}] the model has no layer '{}' with weights; it has {}.", caller, name,
                            fmt::join(there, ", ")));
  };
  for (const auto& [module, layer] : options.names) check(layer);
  for (const auto& [layer, shape] : options.flattened) check(layer);
}

}  // namespace

std::vector<Unit> units_of(const Network& network, const WeightOptions& options, const std::string& caller) {
  std::vector<Unit> units;
  std::unordered_set<const Node*> taken;
  const auto take = [&](Unit unit, const Tensor& input) {
    for (const auto& [name, weight] : unit.weights) taken.insert(weight.get());
    const Shape images = images_before(unit, input, options, caller);
    if (images.rank() > 1) unit.rule = after_flatten(unit.rule, unit.type, images);
    units.push_back(std::move(unit));
  };
  for (std::size_t i = 0; i < network.calls.size(); ++i) {
    const LayerState& layer = *network.calls[i].layer;
    Named weights = layer.named_weights();
    std::string type = layer.type();
    // The two layers inside are called first thing.
    if (type == "Bidirectional" && i + 2 < network.calls.size()) {
      constexpr std::string_view prefix = "Forward";
      const LayerState &forward = *network.calls[i + 1].layer, &backward = *network.calls[i + 2].layer;
      for (const auto& [name, weight] : forward.named_weights()) weights["forward/" + name] = weight;
      for (const auto& [name, weight] : backward.named_weights()) weights["backward/" + name] = weight;
      type = forward.type().substr(prefix.size());
      i += 2;
    }
    if (weights.empty()) continue;
    const Rule* rule = rule_for(type, options);
    if (rule == nullptr) {
      for (const auto& [name, weight] : weights) take(variable_unit(layer.name() + "/" + name, weight), {});
      continue;
    }
    take({.name = layer.name(),
          .type = layer.type(),
          .weights = weights,
          .rule = weights.contains("forward/kernel") ? both_directions(*rule) : *rule},
         network.calls[i].input);
  }
  for (const Tensor& weight : network.weights()) {
    if (!taken.contains(weight.get())) take(variable_unit(weight.node().label, weight), {});
  }
  check_names(units, options, caller);
  return units;
}

}  // namespace hekla::torch
