// Opening devices by name.
#include "backends/device.h"

#include <cstdlib>

#include "backends/reference/reference.h"
#include "graph/choice.h"

namespace hekla {

namespace {

std::string effective(const std::string& selector) {
  const char* preferred = std::getenv("HEKLA_DEVICE");
  return selector.empty() && preferred ? preferred : selector;
}

bool is_reference(const std::string& selector) { return lower_case(selector) == "reference"; }
bool is_native(const std::string& selector) { return lower_case(selector) == "native"; }

}  // namespace

std::shared_ptr<Evaluator> open_device(const std::string& selector) {
  const std::string chosen = effective(selector);
  if (is_native(chosen)) return open_native_device();
  return is_reference(chosen) ? open_reference_device() : open_hardware_device(chosen);
}

std::string describe_devices(const std::string& selector) {
  const std::string chosen = effective(selector);
  if (is_native(chosen)) return "* native: " + open_native_device()->name() + "\n";
  return is_reference(chosen) ? "* reference: " + open_reference_device()->name() + "\n"
                              : describe_hardware_devices(chosen);
}

}  // namespace hekla
