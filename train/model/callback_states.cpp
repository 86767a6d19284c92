// See callback_states.h. A file calls a number callbacks/<callback>/<number> in its metadata, a tensor
// callbacks/<callback>/<position>.
#include "train/model/callback_states.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "graph/error.h"

namespace hekla {

namespace {

constexpr std::string_view folder = "callbacks/";

const CallbackState* state_of(std::string_view name, const std::vector<CallbackState>& states) {
  const auto found = std::ranges::find(states, name, &CallbackState::name);
  return found != states.end() ? &*found : nullptr;
}

// The state that a key of the file belongs to, and the last part of the key; null where it belongs to none.
std::pair<CallbackState*, std::string_view> owner_of(std::string_view key,
                                                     std::vector<CallbackState>& states) {
  const std::size_t slash = key.rfind('/');
  if (!key.starts_with(folder) || slash < folder.size()) return {nullptr, {}};
  const std::string_view name = key.substr(folder.size(), slash - folder.size());
  auto found = std::ranges::find(states, name, &CallbackState::name);
  if (found == states.end()) found = states.insert(found, {.name = std::string(name)});
  return {&*found, key.substr(slash + 1)};
}

double number(const SafetensorsFile& file, const std::string& key, const std::string& text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc() && end == text.data() + text.size()) return value;
  throw Error(
      fmt::format("[load] {} has '{}' as '{}' in its metadata; a number is wanted.", file.name, key, text));
}

}  // namespace

std::vector<CallbackState> states_of(const std::vector<CallbackRef>& callbacks) {
  std::vector<CallbackState> states;
  std::set<std::string> taken;
  for (const CallbackRef& callback : callbacks) {
    CallbackState state = callback->state();
    const std::string base = state.name;
    for (int i = 1; !base.empty() && !taken.insert(state.name).second; ++i)
      state.name = fmt::format("{}_{}", base, i);
    states.push_back(std::move(state));
  }
  return states;
}

void resume(Model& model, const std::vector<CallbackRef>& callbacks,
            const std::vector<CallbackState>& states) {
  const std::vector<CallbackState> fresh = states_of(callbacks);
  for (std::size_t i = 0; i < callbacks.size(); ++i) {
    if (fresh[i].name.empty()) continue;
    if (const CallbackState* state = state_of(fresh[i].name, states)) callbacks[i]->on_resume(model, *state);
  }
}

void put_states(const std::vector<CallbackState>& states, std::vector<NamedTensor>& tensors,
                std::map<std::string, std::string>& metadata) {
  for (const CallbackState& state : states) {
    if (state.name.empty()) continue;
    const std::string prefix = fmt::format("{}{}/", folder, state.name);
    // The shortest text that round-trips exactly.
    for (const auto& [name, value] : state.numbers)
      metadata[fmt::format("{}{}", prefix, name)] = fmt::format("{}", value);
    for (std::size_t i = 0; i < state.tensors.size(); ++i)
      tensors.push_back({fmt::format("{}{}", prefix, i), state.tensors[i]});
  }
}

std::vector<CallbackState> take_states(SafetensorsFile& file) {
  std::vector<CallbackState> states;
  for (const auto& [key, text] : file.metadata) {
    if (const auto [state, name] = owner_of(key, states); state)
      state->numbers.set(name, number(file, key, text));
  }
  for (const NamedTensor& one : file.tensors) owner_of(one.name, states);
  for (CallbackState& state : states) {
    // Looked up by position, as files order tensors by the size of their elements.
    for (int i = 0;; ++i) {
      const std::string name = fmt::format("{}{}/{}", folder, state.name, i);
      const auto found = std::ranges::find(file.tensors, name, &NamedTensor::name);
      if (found == file.tensors.end()) break;
      state.tensors.push_back(found->tensor);
      file.tensors.erase(found);
    }
  }
  return states;
}

}  // namespace hekla
