// Random keys whose numbers are data.
#pragma once

#include <cstdint>

#include "ops/random.h"

namespace hekla {

/// A key as random_key makes it, of leaves instead of constants: graphs that differ in the numbers of their keys alone
/// have one structure and one plan.
RandomKey key_as_data(std::uint32_t seed, std::uint32_t stream);

}  // namespace hekla
