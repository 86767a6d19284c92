// What optimizers share behind their handles.
#include "ops/optim/optimizer_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "graph/error.h"

namespace hekla {

std::vector<std::string> distinct(const std::vector<std::string>& names) {
  std::unordered_set<std::string> taken;
  std::vector<std::string> all;
  for (const std::string& base : names) {
    std::string name = base;
    for (int i = 1; !taken.insert(name).second; ++i) name = fmt::format("{}_{}", base, i);
    all.push_back(name);
  }
  return all;
}

std::vector<std::string> distinct_labels(std::span<const Tensor> variables) {
  std::vector<std::string> labels;
  for (const Tensor& x : variables) labels.push_back(x.node().label.empty() ? "variable" : x.node().label);
  return distinct(labels);
}

bool holds_any(const std::string& label, const std::vector<std::string>& words) {
  return std::ranges::any_of(words,
                             [&](const std::string& word) { return label.find(word) != std::string::npos; });
}

void check_pairs(std::string_view owner, std::span<const Tensor> variables,
                 std::span<const Tensor> gradients) {
  if (variables.size() == gradients.size()) return;
  throw Error(fmt::format("[{}] {} variables and {} gradients; each variable needs its gradient.", owner,
                          variables.size(), gradients.size()));
}

const Tensor& new_value(std::span<const Update> updates, const Tensor& variable) {
  const auto found = std::ranges::find_if(
      updates, [&](const Update& update) { return update.variable.get() == variable.get(); });
  return found == updates.end() ? variable : found->value;
}

}  // namespace hekla
