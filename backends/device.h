// Opening devices by name.
#pragma once

#include <memory>
#include <string>

#include "graph/run/evaluator.h"

namespace hekla {

/// Opens a device: "" takes what HEKLA_DEVICE names, or else the best there is (discrete GPU, then
/// integrated, then software); "gpu", "cpu", a number of the list or a part of a name choose among the Vulkan
/// devices; "native" compiles kernels with the machine's C++ compiler for its processor; "reference" is the
/// double-precision interpreter. Neither needs Vulkan. Throws hekla::Error
/// naming what there is to choose from.
std::shared_ptr<Evaluator> open_device(const std::string& selector);

/// The devices of this machine, one per line, with what `selector` would choose and why the others are passed
/// over.
std::string describe_devices(const std::string& selector = "");

/// The parts of both that concern a device, defined by the backend for it.
std::shared_ptr<Evaluator> open_native_device();
std::shared_ptr<Evaluator> open_hardware_device(const std::string& selector);
std::string describe_hardware_devices(const std::string& selector);

}  // namespace hekla
