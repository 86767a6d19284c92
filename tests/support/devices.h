// The devices that tests run on.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "graph/run/evaluator.h"

namespace hekla::testing {

/// The reference device. It is opened once and made the default device, so that no test opens another by
/// accident.
const std::shared_ptr<Evaluator>& reference();

/// The device under test: the best Vulkan device, opened once, with the validation layers. Null where there
/// is none: the first test to request it then prints a notice, and fails under HEKLA_REQUIRE_DEVICE=1.
const std::shared_ptr<Evaluator>& device();

/// The native device, opened once.
const std::shared_ptr<Evaluator>& native_device();

/// The device under test, where there is one, and its variants: without fusion, and with the profiles of other devices;
/// then the native device.
std::span<const std::shared_ptr<Evaluator>> devices();

/// The reference device, the device under test where there is one, and the native device.
std::vector<std::shared_ptr<Evaluator>> reference_and_device();

}  // namespace hekla::testing
