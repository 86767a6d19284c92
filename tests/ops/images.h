// Small images for tests of operations on images.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/create.h"

namespace hekla::testing {

/// i * 7 % 11 - 5 as f32 data.
inline Tensor image(const Shape& shape) {
  std::vector<double> elements;
  for (std::int64_t i = 0; i < shape.count(); ++i) elements.push_back(static_cast<double>(i * 7 % 11 - 5));
  return tensor(elements, shape);
}

}  // namespace hekla::testing
