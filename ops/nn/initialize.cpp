// Initial values of weights.
#include "ops/nn/initialize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graph/error.h"

namespace hekla {

Tensor glorot_uniform(const Shape& shape, const RandomKey& key) {
  if (shape.rank() < 2) {
    throw Error(fmt::format("[glorot_uniform] shape {} has no fan-in and fan-out; it needs two axes or more.",
                            to_string(shape)));
  }
  const std::int64_t fans = shape[shape.rank() - 2] + shape.back();
  const double limit = std::sqrt(6.0 / static_cast<double>(std::max<std::int64_t>(fans, 1)));
  return random_uniform(shape, key, -limit, limit);
}

}  // namespace hekla
