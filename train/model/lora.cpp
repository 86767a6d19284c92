// See lora.h.
#include "train/model/lora.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "train/model/state.h"

namespace hekla {

namespace {

bool is_chosen(const std::string& name, const std::vector<std::string>& words) {
  return words.empty() || std::ranges::any_of(words, [&](const std::string& word) {
           return name.find(word) != std::string::npos;
         });
}

// Which weights are trained is found by a walk.
void build_again(Model::State& state) {
  build(state.network, state.network.inputs);
  state.is_freezing = true;
}

}  // namespace

void lora(Model& model, const LoraOptions& options, const std::vector<std::string>& layers) {
  Model::State& state = state_of(model);
  std::vector<std::shared_ptr<LayerState>> all;
  for (const FirstCall& call : built(state, "lora").calls) all.push_back(call.layer);
  std::vector<std::shared_ptr<LayerState>> adapted;
  for (const auto& layer : all) {
    if (layer->can_enable_lora() && is_chosen(layer->name(), layers)) adapted.push_back(layer);
  }
  if (adapted.empty())
    throw Error(fmt::format("[lora] model '{}' has no layer to adapt{}.", model.name(),
                            layers.empty() ? "" : " among those named"));
  for (const auto& layer : adapted) layer->enable_lora(options);
  for (const auto& layer : all) layer->train_adapters_only(true);
  try {
    build_again(state);
  } catch (...) {
    for (const auto& layer : adapted) layer->merge_lora();
    for (const auto& layer : all) layer->train_adapters_only(false);
    throw;
  }
}

void merge_lora(Model& model) {
  Model::State& state = state_of(model);
  for (const FirstCall& call : built(state, "merge_lora").calls) {
    call.layer->merge_lora();
    call.layer->train_adapters_only(false);
  }
  build_again(state);
}

}  // namespace hekla
