// See key_as_data.h.
#include "train/key_as_data.h"

#include <vector>

#include "ops/create.h"

namespace hekla {

RandomKey key_as_data(std::uint32_t seed, std::uint32_t stream) {
  return {tensor(std::vector<std::uint32_t>{seed}, {}), tensor(std::vector<std::uint32_t>{stream}, {})};
}

}  // namespace hekla
