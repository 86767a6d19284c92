// Choosing by name.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "graph/error.h"

namespace hekla {

/// The value paired with `name` in a table. Throws hekla::Error `[what] 'name' is unknown; choose one of ..`.
template <class Table>
const auto& choose(std::string_view what, std::string_view name, const Table& table) {
  std::string known;
  for (const auto& [word, value] : table) {
    if (word == name) return value;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", word);
  }
  throw Error(fmt::format("[{}] '{}' is unknown; choose one of {}.", what, name, known));
}

}  // namespace hekla
