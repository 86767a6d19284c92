// Environment variables.
#include "graph/debug.h"

#include <cstdlib>

namespace hekla {

std::string environment(const char* variable, const char* otherwise) {
  const char* value = std::getenv(variable);
  return value ? value : otherwise;
}

int debug_level() {
  static const int level = std::atoi(environment("HEKLA_DEBUG", "0").c_str());
  return level;
}

const std::string& dump_folder() {
  static const std::string folder = environment("HEKLA_DUMP", "");
  return folder;
}

bool fusion_enabled() {
  static const bool enabled = environment("HEKLA_FUSE", "1") != "0";
  return enabled;
}

}  // namespace hekla
