// Reordering made of permute, slice and broadcast; padding made of those and concat.
#include "ops/reorder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "graph/error.h"
#include "ops/join.h"
#include "ops/view.h"

namespace hekla {

namespace {

std::size_t at(int axis) { return static_cast<std::size_t>(axis); }

Tensor slice_axis(const Tensor& x, int axis, const Range& range) {
  std::vector<Range> ranges(at(x.rank()));
  ranges[at(axis)] = range;
  return slice(x, ranges);
}

Tensor edge_border(const Tensor& x, int axis, std::int64_t position, std::int64_t width) {
  Shape shape = x.shape();
  shape[axis] = width;
  return broadcast_to(slice_axis(x, axis, {.start = position, .stop = position + 1}), shape);
}

// One reflection extends at most by the length of the axis; wider borders reflect repeatedly. The first
// `skipped` elements from each end on are not mirrored.
Tensor mirror_axis(Tensor x, int axis, std::int64_t low, std::int64_t high, std::int64_t skipped) {
  while (low > 0 || high > 0) {
    const std::int64_t mirrored = x.size(axis) - skipped;
    const std::int64_t before = std::min(low, mirrored);
    const std::int64_t after = std::min(high, mirrored);
    std::vector<Tensor> parts;
    if (before > 0) {
      const std::int64_t stop = skipped - 1;
      parts.push_back(
          slice_axis(x, axis, {.start = before + stop, .stop = stop < 0 ? Range::whole : stop, .step = -1}));
    }
    parts.push_back(x);
    if (after > 0) {
      const std::int64_t start = mirrored - 1, stop = start - after;
      parts.push_back(
          slice_axis(x, axis, {.start = start, .stop = stop < 0 ? Range::whole : stop, .step = -1}));
    }
    x = concat(parts, axis);
    low -= before;
    high -= after;
  }
  return x;
}

Tensor circular_axis(const Tensor& x, int axis, std::int64_t low, std::int64_t high) {
  const std::int64_t n = x.size(axis);
  const std::int64_t before = (low + n - 1) / n, after = (high + n - 1) / n;
  std::vector<std::int64_t> copies(at(x.rank()), 1);
  copies[at(axis)] = before + 1 + after;
  const std::int64_t start = before * n - low;
  return slice_axis(tile(x, copies), axis, {.start = start, .stop = start + low + n + high});
}

Tensor pad_axis(const Tensor& x, int axis, std::int64_t low, std::int64_t high, PadMode mode) {
  if (mode == PadMode::circular) return circular_axis(x, axis, low, high);
  if (mode == PadMode::symmetric) return mirror_axis(x, axis, low, high, 0);
  // One element is its own mirror image.
  if (mode == PadMode::reflect && x.size(axis) > 1) return mirror_axis(x, axis, low, high, 1);
  return concat({edge_border(x, axis, 0, low), x, edge_border(x, axis, x.size(axis) - 1, high)}, axis);
}

}  // namespace

Tensor swapaxes(const Tensor& x, int axis1, int axis2) {
  std::vector<int> order(at(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[at(normalize_axis(axis1, x.rank(), "swapaxes"))],
            order[at(normalize_axis(axis2, x.rank(), "swapaxes"))]);
  return permute(x, order);
}

Tensor moveaxis(const Tensor& x, const std::vector<int>& source, const std::vector<int>& destination) {
  if (source.size() != destination.size()) {
    throw Error(fmt::format("[moveaxis] axes ({}) to ({}); both lists must have the same length.",
                            fmt::join(source, ","), fmt::join(destination, ",")));
  }
  // Called for their errors: axes out of range, or named twice.
  const std::vector<int> moved = normalize_axes(source, x.rank(), "moveaxis");
  normalize_axes(destination, x.rank(), "moveaxis");
  std::vector<int> order(at(x.rank()), -1);
  for (std::size_t i = 0; i < source.size(); ++i) {
    order[at(normalize_axis(destination[i], x.rank(), "moveaxis"))] =
        normalize_axis(source[i], x.rank(), "moveaxis");
  }
  int next = 0;
  for (int& axis : order) {
    if (axis >= 0) continue;
    while (std::binary_search(moved.begin(), moved.end(), next)) ++next;
    axis = next++;
  }
  return permute(x, order);
}

Tensor moveaxis(const Tensor& x, int source, int destination) {
  return moveaxis(x, std::vector<int>{source}, std::vector<int>{destination});
}

Tensor flip(const Tensor& x, const Axes& axes) {
  std::vector<Range> ranges(at(x.rank()), Range{.step = axes.empty() ? -1 : 1});
  for (const int axis : normalize_axes(axes, x.rank(), "flip")) ranges[at(axis)].step = -1;
  return slice(x, ranges);
}

Tensor roll(const Tensor& x, std::int64_t shift, int axis) {
  const int along = normalize_axis(axis, x.rank(), "roll");
  const std::int64_t size = x.size(along);
  if (size == 0 || shift % size == 0) return x;
  // A slice of two concatenated copies: a view, without a choice between parts.
  const std::int64_t start = size - (shift % size + size) % size;
  std::vector<std::int64_t> twice(at(x.rank()), 1);
  twice[at(along)] = 2;
  return slice_axis(tile(x, twice), along, {.start = start, .stop = start + size});
}

Tensor roll(const Tensor& x, std::int64_t shift) {
  return reshape(roll(reshape(x, Shape{x.count()}), shift, 0), x.shape());
}

Tensor pad(const Tensor& x, const std::vector<Padding>& paddings, PadMode mode) {
  if (mode == PadMode::constant || paddings.size() > at(x.rank())) return pad(x, paddings);
  Tensor padded = x;
  for (std::size_t i = 0; i < paddings.size(); ++i) {
    const auto [low, high, interior] = paddings[i];
    const int axis = static_cast<int>(i);
    if (low < 0 || high < 0 || interior != 0) {
      throw Error(
          fmt::format("[pad] axis {} of {} is padded by ({},{},{}); modes other than constant pad "
                      "around the elements, not between them, and not by negative numbers.",
                      i, describe(x), low, high, interior));
    }
    if (low == 0 && high == 0) continue;
    if (x.size(axis) == 0) {
      throw Error(
          fmt::format("[pad] axis {} of {} has no elements; modes other than constant need one to continue.",
                      i, describe(x)));
    }
    padded = pad_axis(padded, axis, low, high, mode);
  }
  return padded;
}

}  // namespace hekla
