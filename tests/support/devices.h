// The devices that tests run on.
#pragma once

#include <memory>
#include <span>

#include "graph/evaluator.h"

namespace hekla::testing {

/// The reference device, opened once and made the default one, so that no test opens another by accident.
const std::shared_ptr<Evaluator>& reference();

/// The device under test: the Vulkan device that HEKLA_DEVICE names or else the best there is, opened once,
/// under the validation layers when HEKLA_VALIDATE=1. Null where there is none: the first test to ask for it
/// says so loudly, and fails under HEKLA_REQUIRE_DEVICE=1.
const std::shared_ptr<Evaluator>& device();

/// The device under test, and itself once more without fusion; empty where there is none.
std::span<const std::shared_ptr<Evaluator>> devices();

}  // namespace hekla::testing
