// See strided.h.
#include "train/files/strided.h"

#include <cstring>

namespace hekla::files {

std::vector<std::byte> row_major(std::span<const std::byte> bytes, std::size_t size, const Shape& shape,
                                 std::span<const std::uint64_t> strides, std::uint64_t offset) {
  const int rank = shape.rank();
  std::vector<std::uint64_t> index(static_cast<std::size_t>(rank), 0);
  std::vector<std::byte> result(static_cast<std::size_t>(shape.count()) * size);
  std::uint64_t from = offset;
  for (std::size_t to = 0; to < result.size(); to += size) {
    std::memcpy(result.data() + to, bytes.data() + from * size, size);
    for (int axis = rank - 1; axis >= 0; --axis) {
      const auto a = static_cast<std::size_t>(axis);
      from += strides[a];
      if (++index[a] < static_cast<std::uint64_t>(shape[axis])) break;
      from -= strides[a] * index[a];
      index[a] = 0;
    }
  }
  return result;
}

}  // namespace hekla::files
