// The reference device: every node computed by itself with plain loops in double precision. It is the oracle
// that the other devices are tested against, and it trains where there is no Vulkan, slowly.
#pragma once

#include <memory>

#include "graph/run/evaluator.h"

namespace hekla {

std::shared_ptr<Evaluator> open_reference_device();

}  // namespace hekla
