// Environment variables.
#include "graph/debug.h"

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "graph/choice.h"

namespace hekla {

std::string environment(const char* variable, const char* otherwise) {
  const char* value = std::getenv(variable);
  return value ? value : otherwise;
}

std::optional<bool> environment_switch(const char* variable) {
  constexpr std::array<std::pair<std::string_view, bool>, 2> values{{{"0", false}, {"1", true}}};
  const std::string value = environment(variable, "");
  return value.empty() ? std::nullopt : std::optional(choose(variable, value, values));
}

int debug_level() {
  constexpr std::array<std::pair<std::string_view, int>, 6> levels{
      {{"", 0}, {"0", 0}, {"1", 1}, {"2", 2}, {"3", 3}, {"4", 4}}};
  static const int level = choose("HEKLA_DEBUG", environment("HEKLA_DEBUG", ""), levels);
  return level;
}

const std::string& dump_folder() {
  static const std::string folder = environment("HEKLA_DUMP", "");
  return folder;
}

bool fusion_enabled() {
  static const bool enabled = environment_switch("HEKLA_FUSE").value_or(true);
  return enabled;
}

}  // namespace hekla
