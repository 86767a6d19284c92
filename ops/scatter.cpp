// Scattering by comparison: no device adds two numbers to one place at once, so no atomics and no chance.
#include "ops/scatter.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "ops/view.h"

namespace hekla {

namespace {

void check(const Shape& shape, const Tensor& indices, const Tensor& updates, int axis) {
  if (indices.dtype() != DType::i32 && indices.dtype() != DType::u32) {
    throw Error(fmt::format("[scatter_add] indices are {}; they must be i32 or u32 (see hk::cast).",
                            describe(indices)));
  }
  if (updates.dtype() == DType::boolean || updates.dtype() == DType::u8) {
    throw Error(fmt::format("[scatter_add] updates are {}; they must be f32, i32 or u32 (see hk::cast).",
                            describe(updates)));
  }
  Shape expected;
  for (int a = 0; a < axis; ++a) expected.push_back(shape[a]);
  for (const std::int64_t size : indices.shape()) expected.push_back(size);
  for (int a = axis + 1; a < shape.rank(); ++a) expected.push_back(shape[a]);
  if (!(updates.shape() == expected)) {
    throw Error(fmt::format("[scatter_add] updates are {} for axis {} of {} by {}; they must be {}.",
                            describe(updates), axis, to_string(shape), describe(indices),
                            to_string(expected)));
  }
}

}  // namespace

Tensor scatter_add(const Shape& shape, const Tensor& indices, const Tensor& updates, int axis) {
  const int along = normalize_axis(axis, shape.rank(), "scatter_add");
  check(shape, indices, updates, along);
  if (shape.count() == 0 || indices.count() == 0) return zeros(shape, updates.dtype());
  std::vector<int> scattered, in_front;
  for (int a = 0; a < indices.rank(); ++a) {
    scattered.push_back(along + a);
    in_front.push_back(a);
  }
  const std::int64_t size = shape[along], count = indices.count(), width = shape.count() / size;
  const Tensor rows = reshape(moveaxis(updates, scattered, in_front), {count, width});
  const Tensor position = iota(Shape{size, count}, 0, indices.dtype());
  const Tensor hits = equal(position, broadcast_to(reshape(indices, {1, count}), {size, count}));
  Tensor added;
  if (is_float(updates.dtype()) && width > 1) {
    // A choice, not a cast: the gradient of this must not ask for that of a comparison.
    added = matmul(where(hits, 1.0f, 0.0f), rows);
  } else {
    const Shape pairs{size, count, width};
    const Tensor each = broadcast_to(reshape(rows, {1, count, width}), pairs);
    const Tensor chosen = broadcast_to(reshape(hits, {size, count, 1}), pairs);
    added = sum(where(chosen, each, zeros_like(each)), {1});
  }
  Shape moved{size};
  for (int a = 0; a < shape.rank(); ++a) {
    if (a != along) moved.push_back(shape[a]);
  }
  return moveaxis(reshape(added, moved), 0, along);
}

}  // namespace hekla
