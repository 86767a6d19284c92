// See checks.h.
#include "train/model/checks.h"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graph/error.h"
#include "train/data/labels.h"
#include "train/model/state.h"
#include "train/model/steps.h"

namespace hekla {

namespace {

struct Examples {
  const std::vector<Tensor>& inputs;
  const std::vector<Tensor>& targets;
  bool maps_inputs, maps_targets;  // by a function between them and the model
  std::int64_t first;
  const std::vector<std::int32_t>* picked;
  std::function<LabelRange(const Tensor&)> range_of;
};

void check_indices(std::string_view caller, const Model::State& state, const Examples& examples) {
  // What reaches the model is not what lies here.
  if (examples.maps_inputs) return;
  for (const auto& [input, rows, layer] : state.network.indices) {
    if (input >= examples.inputs.size()) continue;
    const Tensor& indices = examples.inputs[input];
    if (examples.range_of(indices).within(rows)) continue;
    const std::optional<std::int64_t> found =
        first_outside(indices, 0, static_cast<double>(rows), examples.picked);
    if (!found) continue;
    const std::int64_t each = indices.count() / indices.size(0);
    throw Error(fmt::format(
        "[{}] {} of example {} holds {}, but '{}' has {} row{}; indices are whole numbers from 0 to {}.",
        caller, examples.inputs.size() == 1 ? "the input" : fmt::format("input {}", input),
        examples.first + *found / each, indices.to_host().at(*found), layer, rows, rows == 1 ? "" : "s",
        rows - 1));
  }
}

// Whether the loss of an output takes these targets as labels.
bool are_labels(const Model::State& state, std::size_t output, const Tensor& targets) {
  if (output >= state.losses.size() || output >= state.network.outputs.size()) return false;
  const int more = state.network.outputs[output].rank() - targets.rank();
  return state.losses[output].takes_labels() && (more == 1 || (more == 0 && targets.size(-1) == 1));
}

// The number of classes from which targets must come, 0 for any; nothing where they are no labels.
std::optional<std::int64_t> classes_of(const Model::State& state, std::size_t output, const Tensor& targets,
                                       TargetUse use) {
  if (are_labels(state, output, targets)) return state.network.outputs[output].size(-1);
  if (use == TargetUse::loss_and_class_weight && is_float(targets.dtype()) && !is_one_hot(targets)) return 0;
  return std::nullopt;
}

void check_targets(std::string_view caller, const Model::State& state, const Examples& examples,
                   TargetUse use) {
  if (use == TargetUse::none || examples.maps_targets) return;
  for (std::size_t i = 0; i < examples.targets.size(); ++i) {
    const Tensor& targets = examples.targets[i];
    const std::optional<std::int64_t> classes = classes_of(state, i, targets, use);
    if (!classes) continue;
    const LabelRange range = examples.range_of(targets);
    if (*classes == 0 ? !range.is_whole : !range.within(*classes))
      check_labels(caller, targets, *classes, examples.first, examples.picked);
  }
}

void check(std::string_view caller, const Model::State& state, const Examples& examples, TargetUse use) {
  check_indices(caller, state, examples);
  check_targets(caller, state, examples, use);
}

}  // namespace

void check_data(std::string_view caller, const Model::State& state, const Dataset& data, TargetUse use) {
  check(caller, state,
        {.inputs = data.inputs(),
         .targets = data.targets(),
         .maps_inputs = data.maps_inputs(),
         .maps_targets = data.maps_targets(),
         .first = 0,
         .picked = data.picked().get(),
         .range_of = [&](const Tensor& elements) { return data.range_of(elements); }},
        use);
}

void check_data(std::string_view caller, const Model::State& state, const Dataset& data, const Batch& batch,
                std::int64_t first, TargetUse use) {
  check(caller, state,
        {.inputs = batch.inputs,
         .targets = batch.targets,
         .maps_inputs = data.maps_inputs(),
         .maps_targets = data.maps_targets(),
         .first = first,
         .picked = nullptr,
         .range_of = label_range},
        use);
}

}  // namespace hekla
