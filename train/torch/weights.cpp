// See weights.h.
#include "train/torch/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graph/computation.h"
#include "graph/error.h"
#include "graph/run/evaluator.h"
#include "ops/cast.h"
#include "train/files/safetensors.h"
#include "train/model/state.h"
#include "train/torch/pairing.h"

namespace hekla::torch {

namespace {

std::vector<Pair> pairs_of(const Model& model, const std::vector<NamedTensor>& tensors,
                           const WeightOptions& options, const std::string& caller) {
  const Network& network = built(state_of(model), caller);
  return paired(units_of(network, options, caller), modules_of(tensors), options, caller);
}

// Modules that are named by the options or as the layers are.
std::vector<Pair> named_pairs(const Model& model, const WeightOptions& options, const std::string& caller) {
  std::vector<Pair> pairs;
  for (Unit& unit : units_of(built(state_of(model), caller), options, caller)) {
    if (std::ranges::find(options.skip, unit.name) != options.skip.end()) continue;
    const auto given =
        std::ranges::find_if(options.names, [&](const auto& entry) { return entry.second == unit.name; });
    std::string name = given != options.names.end() ? given->first : unit.name;
    std::ranges::replace(name, '/', '.');
    Module module{.name = name, .parameters = unit.rule.to_torch(unit.weights), .full_names = {}};
    for (const auto& [parameter, tensor] : module.parameters)
      module.full_names[parameter] = full_name(name, parameter);
    pairs.push_back({std::move(unit), std::move(module)});
  }
  return pairs;
}

}  // namespace

std::string to_text(const std::vector<Match>& matches) {
  std::string text;
  for (const Match& match : matches)
    text += fmt::format("{} -> {} ({})  {}\n", match.module, match.layer, match.type, match.rule);
  return text;
}

std::vector<Match> match(const Model& model, const std::vector<NamedTensor>& tensors,
                         const WeightOptions& options) {
  return matches_of(pairs_of(model, tensors, options, "torch::match"));
}

std::vector<Match> load_into(const Model& model, const std::vector<NamedTensor>& tensors,
                             const WeightOptions& options) {
  const std::vector<Pair> pairs = pairs_of(model, tensors, options, "torch::load_into");
  std::vector<Update> updates;
  for (const auto& [unit, module] : pairs) {
    Named values = unit.rule.from_torch(module.parameters, unit.weights);
    for (const auto& [name, weight] : unit.weights) {
      const auto value = values.find(name);
      if (value == values.end())
        throw Error(fmt::format(
            "[torch::load_into] the rule for {} gives no '{}'; from_torch returns all weights of the layer.",
            unit.type, name));
      updates.push_back({weight, cast(value->second, weight.dtype())});
    }
  }
  check_updates(updates);
  evaluate({.updates = updates});
  return matches_of(pairs);
}

void save(const std::filesystem::path& path, const Model& model, const WeightOptions& options) {
  const std::string caller = "torch::save";
  const std::vector<Pair> pairs = options.like.empty() ? named_pairs(model, options, caller)
                                                       : pairs_of(model, options.like, options, caller);
  std::vector<NamedTensor> tensors;
  for (const auto& [unit, module] : pairs) {
    for (const auto& [parameter, tensor] : unit.rule.to_torch(unit.weights))
      tensors.push_back({module.full_names.at(parameter), tensor});
  }
  // What safetensors.torch writes, and transformers asks for.
  save_safetensors(path, tensors, {{"format", "pt"}});
}

}  // namespace hekla::torch
