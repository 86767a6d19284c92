// Opening devices by name.
#include "backends/device.h"

#include <cstdlib>

#include "backends/reference/reference.h"

namespace hekla {

namespace {

std::string effective(const std::string& selector) {
  const char* preferred = std::getenv("HEKLA_DEVICE");
  return selector.empty() && preferred ? preferred : selector;
}

}  // namespace

std::shared_ptr<Evaluator> open_device(const std::string& selector) {
  const std::string chosen = effective(selector);
  return chosen == "reference" ? open_reference_device() : open_hardware_device(chosen);
}

std::string describe_devices(const std::string& selector) {
  const std::string chosen = effective(selector);
  return chosen == "reference" ? "* reference: " + open_reference_device()->name() + "\n"
                               : describe_hardware_devices(chosen);
}

}  // namespace hekla
