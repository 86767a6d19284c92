// Basic indexing is a slice, then a reshape that removes the axes of positions and adds the new ones.
#include "ops/index.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "ops/gather.h"

namespace hekla {

namespace {

template <class T>
const T* get(const Subscript& subscript) {
  return std::get_if<T>(&subscript.item());
}

template <class T>
std::int64_t count_of(const std::vector<Subscript>& subscripts) {
  return std::count_if(subscripts.begin(), subscripts.end(),
                       [](const Subscript& subscript) { return get<T>(subscript) != nullptr; });
}

std::int64_t checked_position(const Tensor& x, int axis, std::int64_t position) {
  const std::int64_t size = x.size(axis);
  if (position < -size || position >= size) {
    throw Error(fmt::format("[index] position {} on axis {} of {}; it must lie in [{}, {}).", position, axis,
                            describe(x), -size, size));
  }
  return position < 0 ? position + size : position;
}

}  // namespace

Tensor index(const Tensor& x, const std::vector<Subscript>& subscripts) {
  const std::int64_t ellipses = count_of<Ellipsis>(subscripts);
  const std::int64_t named = count_of<std::int64_t>(subscripts) + count_of<Range>(subscripts);
  if (ellipses > 1) {
    throw Error(
        fmt::format("[index] {} ellipses for {}; one stands for all axes not named.", ellipses, describe(x)));
  }
  if (named > x.rank()) {
    throw Error(
        fmt::format("[index] {} positions and ranges for {}; it has {} axes.", named, describe(x), x.rank()));
  }
  std::vector<Range> ranges;
  std::vector<int> kept;  // axes of x, and -1 for a new one
  const auto keep = [&](const Range& range) {
    kept.push_back(static_cast<int>(ranges.size()));
    ranges.push_back(range);
  };
  for (const Subscript& subscript : subscripts) {
    if (const auto* position = get<std::int64_t>(subscript)) {
      const std::int64_t start = checked_position(x, static_cast<int>(ranges.size()), *position);
      ranges.push_back({.start = start, .stop = start + 1});
    } else if (const auto* range = get<Range>(subscript)) {
      keep(*range);
    } else if (get<Ellipsis>(subscript)) {
      for (std::int64_t axis = named; axis < x.rank(); ++axis) keep({});
    } else {
      kept.push_back(-1);
    }
  }
  while (static_cast<int>(ranges.size()) < x.rank()) keep({});
  const Tensor sliced = slice(x, ranges);
  Shape shape;
  for (const int axis : kept) shape.push_back(axis < 0 ? 1 : sliced.size(axis));
  return reshape(sliced, shape);
}

// Members of the handle, which are operations.
Tensor Tensor::at(std::int64_t position) const { return index(*this, {position}); }
Tensor Tensor::operator[](const Tensor& indices) const { return take(*this, indices, 0); }

}  // namespace hekla
