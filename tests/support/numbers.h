// Well-spread numbers for tests whose exact values do not matter.
#pragma once

#include <cmath>

#include "ops/create.h"

namespace hekla::testing {

/// The fractional parts of 0, step, 2 step, ..., spread over [-1, 1).
inline Tensor numbers(const Shape& shape, double step) {
  std::vector<double> elements(static_cast<std::size_t>(shape.count()));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const double turns = static_cast<double>(i) * step;
    elements[i] = 2 * (turns - std::floor(turns)) - 1;
  }
  return tensor(elements, shape);
}

}  // namespace hekla::testing
