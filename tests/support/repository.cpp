// HEKLA_SOURCE_DIR is defined for this file alone, so that a compiler cache works for all other files in any
// checkout.
#include "tests/support/repository.h"

namespace hekla::testing {

std::filesystem::path repository() { return HEKLA_SOURCE_DIR; }

}  // namespace hekla::testing
