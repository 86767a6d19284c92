// Elements that a file keeps in another order than row-major.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graph/shape.h"

namespace hekla::files {

/// Copies elements of `size` bytes into row-major order. The element at index i lies at offset + the sum of
/// i[axis] * strides[axis], counted in elements; all of them must lie within `bytes`.
std::vector<std::byte> row_major(std::span<const std::byte> bytes, std::size_t size, const Shape& shape,
                                 std::span<const std::uint64_t> strides, std::uint64_t offset = 0);

}  // namespace hekla::files
