// See modules.h.
#include "train/torch/modules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace hekla::torch {

namespace {

constexpr std::array<std::string_view, 9> known_parameters{"weight",        "bias",           "running_mean",
                                                           "running_var",   "in_proj_weight", "q_proj_weight",
                                                           "k_proj_weight", "v_proj_weight",  "in_proj_bias"};
constexpr std::string_view out_proj = "out_proj", counter = "num_batches_tracked";

struct Place {
  std::string module, parameter;
};

// "weight_ih_l1_reverse" of module "rnn" is "weight_ih_l0_reverse" of module "rnn.l1".
std::optional<Place> recurrent_place(const std::string& module, std::string_view parameter) {
  constexpr std::array<std::string_view, 4> starts{"weight_ih_l", "weight_hh_l", "bias_ih_l", "bias_hh_l"};
  const auto start =
      std::ranges::find_if(starts, [&](std::string_view text) { return parameter.starts_with(text); });
  if (start == starts.end()) return {};
  const std::string_view rest = parameter.substr(start->size());
  const std::size_t digits = std::min(rest.find('_'), rest.size());
  const std::string level(rest.substr(0, digits));
  std::string normal = std::string(*start) + "0" + std::string(rest.substr(digits));
  if (level == "0") return Place{module, std::move(normal)};
  return Place{full_name(module, "l" + level), std::move(normal)};
}

bool is_in(std::span<const NamedTensor> tensors, const std::string& name) {
  return find(tensors, name) != nullptr;
}

Place place_of(std::span<const NamedTensor> tensors, const std::string& name) {
  const std::size_t dot = name.rfind('.');
  const std::string parameter = dot == std::string::npos ? name : name.substr(dot + 1);
  const std::string module = dot == std::string::npos ? "" : name.substr(0, dot);
  if (auto place = recurrent_place(module, parameter)) return *std::move(place);
  if (std::ranges::find(known_parameters, parameter) == known_parameters.end()) return {name, ""};
  // The output projection of an attention is a module inside of it.
  const std::size_t above = module.rfind('.');
  const std::size_t last = above == std::string::npos ? 0 : above + 1;
  if (module.substr(last) == out_proj) {
    const std::string outer = module.substr(0, last == 0 ? 0 : above);
    if (is_in(tensors, full_name(outer, "in_proj_weight")) ||
        is_in(tensors, full_name(outer, "q_proj_weight")))
      return {outer, full_name(std::string(out_proj), parameter)};
  }
  return {module, parameter};
}

}  // namespace

std::string full_name(const std::string& module, const std::string& parameter) {
  return module.empty() || parameter.empty() ? module + parameter : module + "." + parameter;
}

std::vector<Module> modules_of(std::span<const NamedTensor> tensors) {
  std::vector<Module> modules;
  std::map<std::string, std::size_t> places;
  for (const NamedTensor& each : tensors) {
    if (each.name == counter || each.name.ends_with("." + std::string(counter))) continue;
    const Place place = place_of(tensors, each.name);
    const auto [found, is_new] = places.emplace(place.module, modules.size());
    if (is_new) modules.push_back({.name = place.module, .parameters = {}, .full_names = {}});
    modules[found->second].parameters[place.parameter] = each.tensor;
    modules[found->second].full_names[place.parameter] = each.name;
  }
  return modules;
}

}  // namespace hekla::torch
