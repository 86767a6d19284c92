// The devices that tests run on.
#include "tests/support/devices.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "backends/device.h"
#include "graph/error.h"

namespace hekla::testing {

namespace {

std::string environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? value : "";
}

std::shared_ptr<Evaluator> open_or_skip() {
  try {
    const std::string chosen = environment("HEKLA_DEVICE");
    return open_hardware_device(chosen == "reference" ? "" : chosen);
  } catch (const Error& error) {
    if (environment("HEKLA_REQUIRE_DEVICE") == "1") FAIL(std::string(error.what()));
    MESSAGE("SKIPPED on the device, there is none: " << std::string(error.what()));
    return nullptr;
  }
}

}  // namespace

const std::shared_ptr<Evaluator>& reference() {
  static const std::shared_ptr<Evaluator> opened = [] {
    std::shared_ptr<Evaluator> device = open_device("reference");
    set_default_device(device);
    return device;
  }();
  return opened;
}

const std::shared_ptr<Evaluator>& device() {
  static const std::shared_ptr<Evaluator> opened = open_or_skip();
  return opened;
}

std::span<const std::shared_ptr<Evaluator>> devices() {
  static const std::vector<std::shared_ptr<Evaluator>> all =
      device() ? std::vector<std::shared_ptr<Evaluator>>{device()}
               : std::vector<std::shared_ptr<Evaluator>>{};
  return all;
}

}  // namespace hekla::testing
