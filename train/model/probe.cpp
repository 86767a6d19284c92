// See probe.h.
#include "train/model/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "graph/error.h"
#include "ops/create.h"

namespace hekla {

void probe(std::string_view name, std::string_view place, const std::vector<Tensor>& like,
           const std::function<std::vector<Tensor>(const std::vector<Tensor>&)>& function) {
  std::vector<Tensor> inputs(like.size());
  for (std::size_t i = 0; i < like.size(); ++i) {
    if (like[i].defined()) inputs[i] = input("", like[i].shape(), like[i].dtype());
  }
  std::vector<Tensor> used;
  try {
    used = variables(function(inputs));
  } catch (const Error& error) {
    if (place.empty()) throw;
    throw Error(fmt::format("{} ({})", error.what(), place));
  }
  if (used.empty()) return;
  const std::vector<Tensor> again = variables(function(inputs));
  for (const Tensor& variable : used) {
    if (std::ranges::find(again, variable.get(), &Tensor::get) != again.end()) continue;
    const std::string& label = variable.node().label;
    throw Error(fmt::format("[{}] the function makes {} anew at each call; make it once, outside of it.",
                            name, label.empty() ? "a variable" : "the variable '" + label + "'"));
  }
}

}  // namespace hekla
