#include "backends/vulkan/switches.h"

#include "graph/debug.h"

namespace hekla::vulkan {

const std::string& profile_file() {
  static const std::string file = environment("HEKLA_PROFILE", "");
  return file;
}

const std::string& tune_choice() {
  static const std::string choice = environment("HEKLA_TUNE", "0");
  return choice;
}

std::optional<bool> matrix_units_wanted() {
  static const std::optional<bool> wanted = environment_switch("HEKLA_MATRIX_UNITS");
  return wanted;
}

bool persistent_wanted() {
  static const bool wanted = environment_switch("HEKLA_PERSISTENT").value_or(true);
  return wanted;
}

bool pins_threads() {
  static const bool pins = environment_switch("HEKLA_PIN").value_or(true);
  return pins;
}

}  // namespace hekla::vulkan
