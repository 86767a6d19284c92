// The reference device: computes every node separately with plain loops in double precision. It is the oracle
// that other devices are tested against, and a slow fallback for training without Vulkan.
#pragma once

#include <memory>

#include "graph/run/evaluator.h"

namespace hekla {

std::shared_ptr<Evaluator> open_reference_device();

}  // namespace hekla
