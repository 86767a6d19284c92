// See pairing.h.
#include "train/torch/pairing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "graph/error.h"

namespace hekla::torch {

namespace {

// "bias [3], weight f16[3,4]".
std::string parameters_text(const Named& parameters) {
  std::vector<std::string> texts;
  for (const auto& [name, tensor] : parameters)
    texts.push_back(fmt::format("{}{}{}{}", name, name.empty() ? "" : " ",
                                tensor.dtype() == DType::f32 ? "" : hekla::name(tensor.dtype()),
                                to_string(tensor.shape())));
  return fmt::format("{}", fmt::join(texts, ", "));
}

bool fits(const Named& wanted, const Named& given) {
  return std::ranges::equal(wanted, given, [](const auto& one, const auto& other) {
    const bool same_kind = one.second.dtype() == other.second.dtype() ||
                           (is_float(one.second.dtype()) && is_float(other.second.dtype()));
    return one.first == other.first && one.second.shape() == other.second.shape() && same_kind;
  });
}

// A name of hekla's with PyTorch's separator.
std::string dotted(std::string name) {
  std::ranges::replace(name, '/', '.');
  return name;
}

class Pairing {
 public:
  Pairing(std::vector<Unit> units, std::vector<Module> modules) {
    for (Unit& unit : units) {
      Named wanted = unit.rule.to_torch(unit.weights);
      units_.push_back({.unit = std::move(unit), .wanted = std::move(wanted)});
    }
    for (Module& module : modules) modules_.push_back({.module = std::move(module)});
  }

  void skip(const std::string& name) {
    bool found = false;
    for (Layer& layer : units_) {
      if (layer.unit.name == name) found = layer.done = true;
    }
    for (Candidate& candidate : modules_) {
      if (candidate.module.name == name) found = candidate.done = true;
    }
    if (!found)
      problems_.push_back(fmt::format("skip names '{}', which is neither a layer nor a module", name));
  }

  void pair_named(const std::string& module, const std::string& layer) {
    Layer* unit = find_layer(layer);
    Candidate* candidate = find_module(module);
    if (candidate == nullptr) {
      problems_.push_back(fmt::format("names has a module '{}', which the tensors have not", module));
    } else if (unit == nullptr) {
      problems_.push_back(fmt::format("names has '{}' twice, or skip has it, too", layer));
    } else if (!fits(unit->wanted, candidate->module.parameters)) {
      problems_.push_back(fmt::format("module '{}' has {}; layer '{}' ({}) takes {}", module,
                                      parameters_text(candidate->module.parameters), layer, unit->unit.type,
                                      parameters_text(unit->wanted)));
      unit->done = candidate->done = true;
    } else {
      join(*unit, *candidate);
    }
  }

  void pair_equal_names() {
    for (Layer& unit : units_) {
      Candidate* candidate = find_module(dotted(unit.unit.name));
      if (!unit.done && candidate != nullptr && fits(unit.wanted, candidate->module.parameters))
        join(unit, *candidate);
    }
  }

  void pair_in_order() {
    for (Layer& unit : units_) {
      if (unit.done) continue;
      const auto found = std::ranges::find_if(modules_, [&](const Candidate& candidate) {
        return !candidate.done && fits(unit.wanted, candidate.module.parameters);
      });
      if (found != modules_.end()) join(unit, *found);
    }
  }

  std::vector<Pair> finish(const std::string& caller) {
    for (const Layer& unit : units_) {
      if (!unit.done)
        problems_.push_back(fmt::format("layer '{}' ({}) finds no module with {}", unit.unit.name,
                                        unit.unit.type, parameters_text(unit.wanted)));
    }
    for (const Candidate& candidate : modules_) {
      if (!candidate.done)
        problems_.push_back(fmt::format("module '{}' with {} is taken by no layer", candidate.module.name,
                                        parameters_text(candidate.module.parameters)));
    }
    if (!problems_.empty())
      throw Error(
          fmt::format("[{}] the model and the tensors do not match:\n  {}.\nGive `names`, or `skip` what "
                      "is to be left out.",
                      caller, fmt::join(problems_, ";\n  ")));
    std::vector<Pair> pairs;
    for (Layer& unit : units_) {
      if (unit.partner) pairs.push_back({std::move(unit.unit), std::move(modules_[*unit.partner].module)});
    }
    return pairs;
  }

 private:
  struct Layer {
    Unit unit;
    Named wanted;  // parameters, not computed: for their names and shapes
    bool done = false;
    std::optional<std::size_t> partner = {};
  };
  struct Candidate {
    Module module;
    bool done = false;
  };

  Layer* find_layer(const std::string& name) {
    const auto found = std::ranges::find_if(
        units_, [&](const Layer& layer) { return !layer.done && layer.unit.name == name; });
    return found != units_.end() ? &*found : nullptr;
  }
  Candidate* find_module(const std::string& name) {
    const auto found = std::ranges::find_if(modules_, [&](const Candidate& candidate) {
      return !candidate.done && candidate.module.name == name;
    });
    return found != modules_.end() ? &*found : nullptr;
  }

  void join(Layer& unit, Candidate& candidate) {
    unit.partner = static_cast<std::size_t>(&candidate - modules_.data());
    unit.done = candidate.done = true;
  }

  std::vector<Layer> units_;
  std::vector<Candidate> modules_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<Pair> paired(std::vector<Unit> units, std::vector<Module> modules, const WeightOptions& options,
                         const std::string& caller) {
  Pairing pairing(std::move(units), std::move(modules));
  for (const std::string& name : options.skip) pairing.skip(name);
  for (const auto& [module, layer] : options.names) pairing.pair_named(module, layer);
  pairing.pair_equal_names();
  pairing.pair_in_order();
  return pairing.finish(caller);
}

std::vector<Match> matches_of(const std::vector<Pair>& pairs) {
  std::vector<Match> matches;
  for (const auto& [unit, module] : pairs)
    matches.push_back({.module = module.name, .layer = unit.name, .type = unit.type, .rule = unit.rule.text});
  return matches;
}

}  // namespace hekla::torch
