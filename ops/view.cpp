// Views: one block each, descriptor and function. slice and pad are each other's transpose, as are permute
// and its inverse, broadcast and sum; reshape is its own.
#include "ops/view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace hekla {

namespace {

using Gradients = std::vector<Tensor>;

std::size_t at(int axis) { return static_cast<std::size_t>(axis); }

/// The attributes of slice, pad and windows: `width` integers for each axis.
std::int64_t axis_attribute(const Node& node, int axis, int width, int which) {
  return node.attributes.integers[at(axis * width + which)];
}

void check_rank(std::string_view op, const Tensor& x, std::size_t given, std::string_view what) {
  if (given > at(x.rank())) {
    throw Error(fmt::format("[{}] {} {} for {}; there is at most one for each of its {} axes.", op, given,
                            what, describe(x), x.rank()));
  }
}

}  // namespace

// reshape
// --------------------------------------------------------------------------------------------------------

const Op reshape_op{
    .name = "reshape",
    .kind = Kind::view,
    .arity = 1,
    .infer = [](const Node& node) -> Meta {
      return {Shape(node.attributes.integers), node.inputs[0].dtype()};
    },
    .view = [](const Node& node) -> View {
      return {delinearize(node.inputs[0].shape(), linearize(node.shape, axes_of(node.shape)))};
    },
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
      return {reshape(g, y.node().inputs[0].shape())};
    }};

Tensor reshape(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  if (x.count() != shape.count()) {
    throw Error(fmt::format("[reshape] {} holds {} elements and {} would hold {}; the counts must be equal.",
                            describe(x), x.count(), to_string(shape), shape.count()));
  }
  return apply(reshape_op, {x}, {.integers = {shape.begin(), shape.end()}});
}

Tensor reshape(const Tensor& x, const std::vector<std::int64_t>& sizes) {
  std::vector<std::int64_t> known = sizes;
  const auto open = std::find(known.begin(), known.end(), -1);
  if (open != known.end()) {
    *open = 1;
    const std::int64_t rest = Shape(known).count();
    if (rest == 0 || x.count() % rest != 0) {
      throw Error(
          fmt::format("[reshape] {} holds {} elements, which ({}) cannot hold; the size for -1 must come out "
                      "whole.",
                      describe(x), x.count(), fmt::join(sizes, ",")));
    }
    *open = x.count() / rest;
  }
  return reshape(x, Shape(known));
}

Tensor reshape(const Tensor& x, std::initializer_list<std::int64_t> sizes) {
  return reshape(x, std::vector<std::int64_t>(sizes));
}

Tensor flatten(const Tensor& x) {
  if (x.rank() == 0) throw Error("[flatten] a scalar has no rows; flatten takes rank 1 or more.");
  std::int64_t columns = 1;
  for (int axis = 1; axis < x.rank(); ++axis) columns *= x.size(axis);
  return reshape(x, Shape{x.size(0), columns});
}

Tensor expand_dims(const Tensor& x, int axis) {
  std::vector<std::int64_t> sizes(x.shape().begin(), x.shape().end());
  sizes.insert(sizes.begin() + normalize_axis(axis, x.rank() + 1, "expand_dims"), 1);
  return reshape(x, Shape(sizes));
}

Tensor squeeze(const Tensor& x, const Axes& axes) {
  const std::vector<int> dropped = normalize_axes(axes, x.rank(), "squeeze");
  Shape shape;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (!std::binary_search(dropped.begin(), dropped.end(), axis)) {
      shape.push_back(x.size(axis));
    } else if (x.size(axis) != 1) {
      throw Error(fmt::format("[squeeze] axis {} of {} has size {}; only axes of size 1 can be dropped.",
                              axis, describe(x), x.size(axis)));
    }
  }
  return reshape(x, shape);
}

Tensor squeeze(const Tensor& x) {
  std::vector<int> axes;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (x.size(axis) == 1) axes.push_back(axis);
  }
  return squeeze(x, axes);
}

Tensor atleast_1d(const Tensor& x) { return x.rank() == 0 ? expand_dims(x, 0) : x; }

Tensor atleast_2d(const Tensor& x) { return x.rank() < 2 ? expand_dims(atleast_1d(x), 0) : x; }

Tensor atleast_3d(const Tensor& x) { return x.rank() < 3 ? expand_dims(atleast_2d(x), -1) : x; }

// permute
// --------------------------------------------------------------------------------------------------------

const Op permute_op{.name = "permute",
                    .kind = Kind::view,
                    .arity = 1,
                    .infer = [](const Node& node) -> Meta {
                      Shape shape;
                      for (const std::int64_t axis : node.attributes.integers) {
                        shape.push_back(node.inputs[0].shape()[static_cast<int>(axis)]);
                      }
                      return {shape, node.inputs[0].dtype()};
                    },
                    .view = [](const Node& node) -> View {
                      std::vector<Index> index(at(node.shape.rank()));
                      for (int axis = 0; axis < node.shape.rank(); ++axis) {
                        index[static_cast<std::size_t>(node.attributes.integers[at(axis)])] =
                            Index::axis(axis, node.shape[axis]);
                      }
                      return {index};
                    },
                    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                      const auto& order = y.node().attributes.integers;
                      std::vector<int> inverse(order.size());
                      for (std::size_t i = 0; i < order.size(); ++i) {
                        inverse[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
                      }
                      return {permute(g, inverse)};
                    }};

Tensor permute(const Tensor& x, const std::vector<int>& order) {
  std::vector<int> axes;
  for (const int axis : order) axes.push_back(normalize_axis(axis, x.rank(), "permute"));
  std::vector<int> sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  std::vector<int> identity(at(x.rank()));
  std::iota(identity.begin(), identity.end(), 0);
  if (sorted != identity) {
    throw Error(fmt::format("[permute] order ({}) for {}; each of its {} axes must be named once.",
                            fmt::join(order, ","), describe(x), x.rank()));
  }
  if (axes == identity) return x;
  return apply(permute_op, {x}, {.integers = {axes.begin(), axes.end()}});
}

Tensor transpose(const Tensor& x) {
  if (x.rank() < 2) {
    throw Error(fmt::format("[transpose] {} has rank {}; transpose exchanges the last two axes.", describe(x),
                            x.rank()));
  }
  std::vector<int> order(at(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return permute(x, order);
}

// broadcast
// ------------------------------------------------------------------------------------------------------

const Op broadcast_op{.name = "broadcast",
                      .kind = Kind::view,
                      .arity = 1,
                      .infer = [](const Node& node) -> Meta {
                        return {Shape(node.attributes.integers), node.inputs[0].dtype()};
                      },
                      .view = [](const Node& node) -> View {
                        const Shape& from = node.inputs[0].shape();
                        const int added = node.shape.rank() - from.rank();
                        std::vector<Index> index;
                        for (int axis = 0; axis < from.rank(); ++axis) {
                          index.push_back(from[axis] == 1 ? Index(0) : Index::axis(axis + added, from[axis]));
                        }
                        return {index};
                      },
                      .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                        const Shape& from = y.node().inputs[0].shape();
                        const int added = y.rank() - from.rank();
                        std::vector<int> repeated;
                        for (int axis = 0; axis < y.rank(); ++axis) {
                          if (axis < added || from[axis - added] != y.shape()[axis]) repeated.push_back(axis);
                        }
                        return {reshape(sum(g, repeated), from)};
                      }};

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  if (!(broadcast_shapes(x.shape(), shape, "broadcast_to") == shape)) {
    throw Error(fmt::format("[broadcast_to] {} does not broadcast to {}; only axes of size 1 are repeated.",
                            describe(x), to_string(shape)));
  }
  return apply(broadcast_op, {x}, {.integers = {shape.begin(), shape.end()}});
}

// slice: start, count and step of each axis
// ------------------------------------------------------------------------

const Op slice_op{.name = "slice",
                  .kind = Kind::view,
                  .arity = 1,
                  .infer = [](const Node& node) -> Meta {
                    Shape shape;
                    for (int axis = 0; axis < node.inputs[0].rank(); ++axis) {
                      shape.push_back(axis_attribute(node, axis, 3, 1));
                    }
                    return {shape, node.inputs[0].dtype()};
                  },
                  .view = [](const Node& node) -> View {
                    std::vector<Index> index;
                    for (int axis = 0; axis < node.shape.rank(); ++axis) {
                      index.push_back(Index(axis_attribute(node, axis, 3, 0)) +
                                      Index::axis(axis, node.shape[axis]) * axis_attribute(node, axis, 3, 2));
                    }
                    return {index};
                  },
                  .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                    // A slice with a negative step is a reversed forward slice.
                    const Shape& from = y.node().inputs[0].shape();
                    std::vector<Range> reversal;
                    std::vector<Padding> padding;
                    for (int axis = 0; axis < y.rank(); ++axis) {
                      const std::int64_t start = axis_attribute(y.node(), axis, 3, 0);
                      const std::int64_t count = axis_attribute(y.node(), axis, 3, 1);
                      const std::int64_t step = axis_attribute(y.node(), axis, 3, 2);
                      const std::int64_t last = start + (count - 1) * step;
                      reversal.push_back({.start = step < 0 ? -1 : 0, .step = step < 0 ? -1 : 1});
                      padding.push_back({.low = std::min(start, last),
                                         .high = from[axis] - 1 - std::max(start, last),
                                         .interior = std::abs(step) - 1});
                    }
                    if (y.count() == 0) return {zeros_like(y.node().inputs[0])};
                    return {pad(slice(g, reversal), padding)};
                  }};

Tensor slice(const Tensor& x, const std::vector<Range>& ranges) {
  check_rank("slice", x, ranges.size(), "ranges");
  std::vector<std::int64_t> attributes;
  bool everything = true;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const Range range = at(axis) < ranges.size() ? ranges[at(axis)] : Range{};
    const std::int64_t size = x.size(axis);
    if (range.step == 0) {
      throw Error(fmt::format("[slice] axis {} of {} has step 0; a step is positive or negative.", axis,
                              describe(x)));
    }
    // Python's rules: negative positions count from the end, then all are clipped to the range that the
    // direction of the step allows.
    const std::int64_t low = range.step > 0 ? 0 : -1;
    const std::int64_t high = range.step > 0 ? size : size - 1;
    const auto position = [&](std::int64_t p) { return std::clamp(p < 0 ? p + size : p, low, high); };
    const std::int64_t start =
        range.start == Range::whole ? (range.step > 0 ? 0 : size - 1) : position(range.start);
    const std::int64_t stop =
        range.stop == Range::whole ? (range.step > 0 ? size : -1) : position(range.stop);
    const std::int64_t span = range.step > 0 ? stop - start : start - stop;
    // Clamps the step to the size of the axis: a longer step leaves the axis as well.
    const std::int64_t step =
        std::clamp(range.step, -std::max<std::int64_t>(size, 1), std::max<std::int64_t>(size, 1));
    const std::int64_t stride = std::abs(step);
    const std::int64_t count = span <= 0 ? 0 : (span + stride - 1) / stride;
    attributes.insert(attributes.end(), {count == 0 ? 0 : start, count, step});
    everything &= count == size && step == 1;
  }
  return everything ? x : apply(slice_op, {x}, {.integers = attributes});
}

// pad: low, high and interior of each axis
// -------------------------------------------------------------------------

const Op pad_op{
    .name = "pad",
    .kind = Kind::view,
    .arity = 1,
    .infer = [](const Node& node) -> Meta {
      Shape shape;
      for (int axis = 0; axis < node.inputs[0].rank(); ++axis) {
        const std::int64_t size = node.inputs[0].shape()[axis];
        shape.push_back(axis_attribute(node, axis, 3, 0) + axis_attribute(node, axis, 3, 1) + size +
                        (size - 1) * axis_attribute(node, axis, 3, 2));
      }
      return {shape, node.inputs[0].dtype()};
    },
    .view = [](const Node& node) -> View {
      View view{.index = {}, .fill = node.attributes.number};
      for (int axis = 0; axis < node.shape.rank(); ++axis) {
        const std::int64_t low = axis_attribute(node, axis, 3, 0);
        const std::int64_t step = axis_attribute(node, axis, 3, 2) + 1;
        const std::int64_t span = (node.inputs[0].shape()[axis] - 1) * step + 1;
        const Index inside = Index::axis(axis, node.shape[axis]) - low;
        view.index.push_back(divide(clamp(inside, 0, span - 1), step));
        if (span != node.shape[axis] || step != 1) {
          view.bounds.push_back({.value = inside, .low = 0, .high = span, .step = step});
        }
      }
      return view;
    },
    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
      std::vector<Range> inside;
      for (int axis = 0; axis < y.rank(); ++axis) {
        const std::int64_t low = axis_attribute(y.node(), axis, 3, 0);
        const std::int64_t high = axis_attribute(y.node(), axis, 3, 1);
        inside.push_back(
            {.start = low, .stop = y.shape()[axis] - high, .step = axis_attribute(y.node(), axis, 3, 2) + 1});
      }
      return {slice(g, inside)};
    }};

Tensor pad(const Tensor& x, const std::vector<Padding>& paddings, double value) {
  check_rank("pad", x, paddings.size(), "paddings");
  std::vector<std::int64_t> attributes;
  bool nothing = true;
  Shape shape;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const Padding padding = at(axis) < paddings.size() ? paddings[at(axis)] : Padding{};
    if (padding.low < 0 || padding.high < 0 || padding.interior < 0) {
      throw Error(fmt::format(
          "[pad] axis {} of {} is padded by ({},{},{}); paddings must not be negative (see slice).", axis,
          describe(x), padding.low, padding.high, padding.interior));
    }
    const double about = static_cast<double>(padding.low) + static_cast<double>(padding.high) +
                         static_cast<double>(x.size(axis)) * (1 + static_cast<double>(padding.interior));
    if (about >= 0x1p62) {
      throw Error(
          fmt::format("[pad] axis {} of {} is padded by ({},{},{}) to {:.3g} elements; at most 4.6e18 can be "
                      "counted.",
                      axis, describe(x), padding.low, padding.high, padding.interior, about));
    }
    attributes.insert(attributes.end(), {padding.low, padding.high, padding.interior});
    nothing &= padding.low == 0 && padding.high == 0 && (padding.interior == 0 || x.size(axis) < 2);
    shape.push_back(padding.low + padding.high + x.size(axis) +
                    std::max<std::int64_t>(x.size(axis) - 1, 0) * padding.interior);
  }
  if (nothing) return x;
  if (x.count() == 0) return constant(value, shape, x.dtype());
  return apply(pad_op, {x}, {.integers = attributes, .number = value});
}

// windows: axis, size, step, dilation
// ------------------------------------------------------------------------------

const Op windows_op{.name = "windows",
                    .kind = Kind::view,
                    .arity = 1,
                    .infer = [](const Node& node) -> Meta {
                      const auto& a = node.attributes.integers;
                      Shape shape = node.inputs[0].shape();
                      std::int64_t& size = shape[static_cast<int>(a[0])];
                      size = (size - (a[1] - 1) * a[3] - 1) / a[2] + 1;
                      shape.push_back(a[1]);
                      return {shape, node.inputs[0].dtype()};
                    },
                    .view = [](const Node& node) -> View {
                      const auto& a = node.attributes.integers;
                      std::vector<Index> index = axes_of(node.shape);
                      const Index tap = index.back();
                      index.pop_back();
                      Index& position = index[static_cast<std::size_t>(a[0])];
                      position = position * a[2] + tap * a[3];
                      return {index};
                    },
                    .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                      const auto& a = y.node().attributes.integers;
                      const Shape& from = y.node().inputs[0].shape();
                      const int axis = static_cast<int>(a[0]);
                      const std::int64_t reach = (y.shape()[axis] - 1) * a[2] + 1;
                      std::vector<Range> tap(at(g.rank()));
                      std::vector<Padding> padding(at(from.rank()));
                      Tensor total;
                      for (std::int64_t t = 0; t < a[1]; ++t) {
                        tap.back() = {.start = t, .stop = t + 1};
                        padding[at(axis)] = {
                            .low = t * a[3], .high = from[axis] - reach - t * a[3], .interior = a[2] - 1};
                        const Tensor moved = pad(squeeze(slice(g, tap), {-1}), padding);
                        total = total.defined() ? total + moved : moved;
                      }
                      return {total};
                    }};

namespace {

// Windows that do not overlap contain every element once: their gradient is a view, too, and nothing is
// accumulated.
Tensor sections(const Tensor& x, int axis, std::int64_t size) {
  const std::int64_t count = x.size(axis) / size;
  std::vector<Range> whole(at(axis) + 1);
  whole.back().stop = count * size;
  Shape shape = x.shape();
  shape[axis] = size;
  std::vector<std::int64_t> sizes(shape.begin(), shape.end());
  sizes.insert(sizes.begin() + axis, count);
  std::vector<int> order;
  for (int i = 0; i < x.rank() + 1; ++i) {
    if (i != axis + 1) order.push_back(i);
  }
  order.push_back(axis + 1);
  return permute(reshape(slice(x, whole), Shape(sizes)), order);
}

}  // namespace

Tensor windows(const Tensor& x, int axis, std::int64_t size, std::int64_t step, std::int64_t dilation) {
  const int along = normalize_axis(axis, x.rank(), "windows");
  if (size < 1 || step < 1 || dilation < 1) {
    throw Error(
        fmt::format("[windows] size {}, step {}, dilation {}; all must be positive.", size, step, dilation));
  }
  const double span = static_cast<double>(size - 1) * static_cast<double>(dilation) + 1;
  if (span > static_cast<double>(x.size(along))) {
    throw Error(fmt::format(
        "[windows] a window of {} with dilation {} spans {} and axis {} of {} has {}; a window must "
        "fit.",
        size, dilation, span, along, describe(x), x.size(along)));
  }
  if (step == size && dilation == 1) return sections(x, along, size);
  return apply(windows_op, {x}, {.integers = {along, size, step, dilation}});
}

}  // namespace hekla
