// Joining is a choice between padded operands by position; the rest is views.
#include "ops/join.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <span>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/view.h"

namespace hekla {

namespace {

std::size_t at(int axis) { return static_cast<std::size_t>(axis); }

// The most operands that one chain of choices joins. More are joined in groups, since a kernel binds only a
// few buffers.
constexpr std::size_t joined_at_once = 8;

Tensor join_few(std::span<const Tensor> tensors, int axis) {
  std::int64_t total = 0;
  for (const Tensor& tensor : tensors) total += tensor.size(axis);
  Shape shape = tensors[0].shape();
  shape[axis] = total;
  const Tensor position = iota(shape, axis);
  Tensor joined;
  std::int64_t before = 0;
  for (const Tensor& tensor : tensors) {
    std::vector<Padding> padding(at(shape.rank()));
    padding[at(axis)] = {.low = before, .high = total - before - tensor.size(axis)};
    const Tensor placed = pad(tensor, padding);
    joined = joined.defined() ? where(position < before, joined, placed) : placed;
    before += tensor.size(axis);
  }
  return joined;
}

Tensor join(std::vector<Tensor> tensors, int axis) {
  while (tensors.size() > joined_at_once) {
    std::vector<Tensor> groups;
    for (std::size_t first = 0; first < tensors.size(); first += joined_at_once) {
      const std::size_t count = std::min(joined_at_once, tensors.size() - first);
      groups.push_back(join_few(std::span(tensors).subspan(first, count), axis));
    }
    tensors = std::move(groups);
  }
  return join_few(tensors, axis);
}

}  // namespace

Tensor concat(const std::vector<Tensor>& tensors, int axis) {
  if (tensors.empty()) throw Error("[concat] no tensors; concat takes at least one.");
  const Tensor& first = tensors[0];
  const int along = normalize_axis(axis, first.rank(), "concat");
  for (const Tensor& tensor : tensors) {
    bool alike = tensor.rank() == first.rank() && tensor.dtype() == first.dtype();
    for (int a = 0; alike && a < first.rank(); ++a) alike = a == along || tensor.size(a) == first.size(a);
    if (!alike) {
      throw Error(
          fmt::format("[concat] {} and {} do not join along axis {}; dtype and all other axes must be equal.",
                      describe(first), describe(tensor), axis));
    }
  }
  return join(tensors, along);
}

Tensor stack(const std::vector<Tensor>& tensors, int axis) {
  if (tensors.empty()) throw Error("[stack] no tensors; stack takes at least one.");
  const int along = normalize_axis(axis, tensors[0].rank() + 1, "stack");
  std::vector<Tensor> layers;
  for (const Tensor& tensor : tensors) {
    if (!(tensor.shape() == tensors[0].shape()) || tensor.dtype() != tensors[0].dtype()) {
      throw Error(fmt::format("[stack] {} and {} differ; shape and dtype must be equal.",
                              describe(tensors[0]), describe(tensor)));
    }
    layers.push_back(expand_dims(tensor, along));
  }
  return join(std::move(layers), along);
}

std::vector<Tensor> split(const Tensor& x, const std::vector<std::int64_t>& sizes, int axis) {
  const int along = normalize_axis(axis, x.rank(), "split");
  const bool negative = std::any_of(sizes.begin(), sizes.end(), [](std::int64_t size) { return size < 0; });
  const std::int64_t total = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  if (sizes.empty() || negative || total != x.size(along)) {
    throw Error(
        fmt::format("[split] sizes ({}) for axis {} of {}; they must not be negative and add up to {}.",
                    fmt::join(sizes, ","), axis, describe(x), x.size(along)));
  }
  std::vector<Tensor> parts;
  std::vector<Range> ranges(at(x.rank()));
  std::int64_t start = 0;
  for (const std::int64_t size : sizes) {
    ranges[at(along)] = {.start = start, .stop = start + size};
    parts.push_back(slice(x, ranges));
    start += size;
  }
  return parts;
}

std::vector<Tensor> split(const Tensor& x, std::initializer_list<std::int64_t> sizes, int axis) {
  return split(x, std::vector<std::int64_t>(sizes), axis);
}

std::vector<Tensor> split(const Tensor& x, std::int64_t parts, int axis) {
  const std::int64_t size = x.size(normalize_axis(axis, x.rank(), "split"));
  if (parts < 1 || size % parts != 0) {
    throw Error(fmt::format(
        "[split] axis {} of {} has {} elements for {} parts; the parts must be equal (see sizes).", axis,
        describe(x), size, parts));
  }
  return split(x, std::vector<std::int64_t>(static_cast<std::size_t>(parts), size / parts), axis);
}

Tensor tile(const Tensor& x, const std::vector<std::int64_t>& repetitions) {
  for (const std::int64_t times : repetitions) {
    if (times >= 0) continue;
    throw Error(fmt::format("[tile] repetitions ({}) for {}; they must not be negative.",
                            fmt::join(repetitions, ","), describe(x)));
  }
  Tensor tiled = x;
  while (tiled.rank() < static_cast<int>(repetitions.size())) tiled = expand_dims(tiled, 0);
  const std::size_t untouched = at(tiled.rank()) - repetitions.size();
  // One axis at a time, so that intermediate tensors have at most three axes, whatever the rank.
  for (std::size_t i = 0; i < repetitions.size(); ++i) {
    const int axis = static_cast<int>(untouched + i);
    if (repetitions[i] == 1) continue;
    Shape shape = tiled.shape();
    std::int64_t outer = 1;
    for (int a = 0; a < axis; ++a) outer *= shape[a];
    const std::int64_t block = outer == 0 ? 0 : tiled.count() / outer;
    const Tensor repeated = broadcast_to(reshape(tiled, {outer, 1, block}), {outer, repetitions[i], block});
    shape[axis] *= repetitions[i];
    tiled = reshape(repeated, shape);
  }
  return tiled;
}

Tensor repeat(const Tensor& x, std::int64_t repeats, int axis) {
  const int along = normalize_axis(axis, x.rank(), "repeat");
  if (repeats < 0) {
    throw Error(
        fmt::format("[repeat] {} repeats of {}; the number must not be negative.", repeats, describe(x)));
  }
  const Tensor apart = expand_dims(x, along + 1);
  Shape repeated = apart.shape();
  repeated[along + 1] = repeats;
  const Tensor together = broadcast_to(apart, repeated);
  Shape shape = x.shape();
  shape[along] *= repeats;
  return reshape(together, shape);
}

Tensor repeat(const Tensor& x, std::int64_t repeats) {
  return repeat(reshape(x, Shape{x.count()}), repeats, 0);
}

}  // namespace hekla
