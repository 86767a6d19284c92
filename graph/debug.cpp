// Environment variables.
#include "graph/debug.h"

#include <cstdlib>

namespace hekla {

namespace {

std::string environment(const char* variable, const char* otherwise) {
  const char* value = std::getenv(variable);
  return value ? value : otherwise;
}

}  // namespace

int debug_level() {
  static const int level = std::atoi(environment("HEKLA_DEBUG", "0").c_str());
  return level;
}

const std::string& dump_folder() {
  static const std::string folder = environment("HEKLA_DUMP", "");
  return folder;
}

const std::string& tune_choice() {
  static const std::string choice = environment("HEKLA_TUNE", "0");
  return choice;
}

const std::string& trace_file() {
  static const std::string file = environment("HEKLA_TRACE", "");
  return file;
}

bool fusion_enabled() {
  static const bool enabled = environment("HEKLA_FUSE", "1") != "0";
  return enabled;
}

int matrix_units_wanted() {
  static const std::string wanted = environment("HEKLA_MATRIX_UNITS", "");
  return wanted == "0" ? 0 : wanted == "1" ? 1 : -1;
}

bool persistent_wanted() {
  static const bool wanted = environment("HEKLA_PERSISTENT", "1") != "0";
  return wanted;
}

bool pins_threads() {
  static const bool pins = environment("HEKLA_PIN", "1") != "0";
  return pins;
}

}  // namespace hekla
