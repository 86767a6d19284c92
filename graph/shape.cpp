// Shape arithmetic.
#include "graph/shape.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "graph/error.h"

namespace hekla {

Shape::Shape(std::initializer_list<std::int64_t> sizes)
    : Shape(std::span<const std::int64_t>(sizes.begin(), sizes.size())) {}

Shape::Shape(std::span<const std::int64_t> sizes) {
  for (const std::int64_t size : sizes) push_back(size);
  count();
}

void Shape::push_back(std::int64_t size) {
  if (rank_ == max_rank) {
    throw Error(fmt::format("[shape] more than {} axes; a tensor has at most {} axes.", max_rank, max_rank));
  }
  if (size < 0) {
    throw Error(fmt::format("[shape] axis {} has size {}; sizes must not be negative.", rank_, size));
  }
  sizes_[static_cast<std::size_t>(rank_++)] = size;
}

std::int64_t Shape::count() const {
  std::uint64_t product = 1;
  double about = 1;
  for (const std::int64_t size : *this) {
    product *= static_cast<std::uint64_t>(size);
    about *= static_cast<double>(size);
  }
  // Positions are added and multiplied in 64 bits: half of what these hold leaves room for that.
  if (about >= 0x1p62)
    throw Error(fmt::format("[shape] {} has more elements than can be counted.", to_string(*this)));
  return static_cast<std::int64_t>(product);
}

std::string to_string(const Shape& shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ","));
}

std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(shape.rank()), 1);
  for (int axis = shape.rank() - 2; axis >= 0; --axis) {
    strides[static_cast<std::size_t>(axis)] = strides[static_cast<std::size_t>(axis) + 1] * shape[axis + 1];
  }
  return strides;
}

int normalize_axis(int axis, int rank, std::string_view op) {
  const int normalized = axis < 0 ? axis + rank : axis;
  if (rank == 0) throw Error(fmt::format("[{}] axis {} does not exist; a scalar has no axes.", op, axis));
  if (normalized < 0 || normalized >= rank) {
    throw Error(fmt::format("[{}] axis {} does not exist; a tensor of rank {} has axes {} to {}.", op, axis,
                            rank, -rank, rank - 1));
  }
  return normalized;
}

std::vector<int> normalize_axes(std::span<const int> axes, int rank, std::string_view op) {
  std::vector<int> normalized;
  for (const int axis : axes) normalized.push_back(normalize_axis(axis, rank, op));
  std::sort(normalized.begin(), normalized.end());
  if (std::adjacent_find(normalized.begin(), normalized.end()) != normalized.end()) {
    throw Error(fmt::format("[{}] axes ({}) name one axis twice; each axis may be named once.", op,
                            fmt::join(axes, ",")));
  }
  return normalized;
}

Shape broadcast_shapes(const Shape& a, const Shape& b, std::string_view op) {
  if (a == b || b.rank() == 0) return a;
  if (a.rank() == 0) return b;
  const int rank = std::max(a.rank(), b.rank());
  Shape result;
  for (int axis = 0; axis < rank; ++axis) {
    const int axis_a = axis - (rank - a.rank());
    const int axis_b = axis - (rank - b.rank());
    const std::int64_t size_a = axis_a < 0 ? 1 : a[axis_a];
    const std::int64_t size_b = axis_b < 0 ? 1 : b[axis_b];
    if (size_a != size_b && size_a != 1 && size_b != 1) {
      throw Error(
          fmt::format("[{}] shapes {} and {} do not broadcast; axes are aligned from the last, and each pair "
                      "must be equal or contain a 1.",
                      op, to_string(a), to_string(b)));
    }
    result.push_back(size_a == 1 ? size_b : size_a);
  }
  return result;
}

}  // namespace hekla
