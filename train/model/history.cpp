#include "train/model/history.h"

#include <fmt/format.h>

#include "graph/error.h"

namespace hekla {

const std::vector<double>& History::operator[](const std::string& name) const {
  const auto found = history.find(name);
  if (found != history.end()) return found->second;
  std::string known;
  for (const auto& [word, values] : history) known += fmt::format("{}{}", known.empty() ? "" : ", ", word);
  throw Error(
      fmt::format("[history] nothing is called '{}'; there is {}.", name, known.empty() ? "nothing" : known));
}

}  // namespace hekla
