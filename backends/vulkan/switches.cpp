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

const std::string& trace_file() {
  static const std::string file = environment("HEKLA_TRACE", "");
  return file;
}

std::optional<bool> matrix_units_wanted() {
  static const std::string wanted = environment("HEKLA_MATRIX_UNITS", "");
  return wanted == "0" || wanted == "1" ? std::optional(wanted == "1") : std::nullopt;
}

bool persistent_wanted() {
  static const bool wanted = environment("HEKLA_PERSISTENT", "1") != "0";
  return wanted;
}

bool pins_threads() {
  static const bool pins = environment("HEKLA_PIN", "1") != "0";
  return pins;
}

}  // namespace hekla::vulkan
