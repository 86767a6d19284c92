// See lora.h.
#include "train/layers/lora.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "train/layers/layer.h"
#include "train/layers/lora_parts.h"

namespace hekla {

Tensor LoraAdapter::adapted() const { return weight + scale * matmul(a, b, DType::f32); }

std::string adapter_name(std::string_view weight, std::string_view part) {
  const std::size_t last = weight.find_last_of('/') + 1;
  return fmt::format("{}lora_{}_{}", weight.substr(0, last), weight.substr(last), part);
}

double scale_of(const LoraOptions& lora) {
  const auto rank = static_cast<double>(lora.rank);
  return lora.alpha.value_or(rank) / rank;
}

bool LayerState::can_enable_lora() const {
  return !lora_ && std::ranges::any_of(weights_, &Weight::takes_lora);
}

void LayerState::enable_lora(const LoraOptions& options) {
  const auto fail = [&](std::string_view text) {
    throw Error(fmt::format("[{}] enable_lora: {}", display_name(), text));
  };
  if (weights_.empty()) fail("the layer has no weights yet; build the model first.");
  if (lora_) fail("it has adapters already; merge_lora removes them.");
  if (!can_enable_lora()) fail("it has no weight that takes an adapter.");
  if (options.rank < 1) fail(fmt::format("rank {}; it must be 1 or more.", options.rank));
  if (options.alpha && !std::isfinite(*options.alpha))
    fail(fmt::format("alpha {}; it must be finite.", *options.alpha));
  lora_ = options;
}

std::vector<LoraAdapter> LayerState::adapters() const {
  std::vector<LoraAdapter> all;
  if (!lora_) return all;
  for (const Weight& weight : weights_) {
    const Weight *a = find(adapter_name(weight.name, "a")), *b = find(adapter_name(weight.name, "b"));
    if (a && b) all.push_back({weight.variable, a->variable, b->variable, scale_of(*lora_)});
  }
  return all;
}

void LayerState::merge_lora() {
  const std::vector<LoraAdapter> all = adapters();
  for (const LoraAdapter& adapter : all) assign(adapter.weight, adapter.adapted());
  std::erase_if(weights_, [&](const Weight& weight) {
    return std::ranges::any_of(all, [&](const LoraAdapter& adapter) {
      return weight.variable.get() == adapter.a.get() || weight.variable.get() == adapter.b.get();
    });
  });
  lora_.reset();
}

}  // namespace hekla
