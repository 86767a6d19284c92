// Gather and one_hot.
#include "ops/gather.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/view.h"

namespace hekla {

namespace {

Meta gather_rule(const Node& node) {
  const Tensor& x = node.inputs[0];
  const Tensor& indices = node.inputs[1];
  if (indices.dtype() != DType::i32 && indices.dtype() != DType::u32) {
    throw Error(
        fmt::format("[gather] indices are {}; they must be i32 or u32 (see hk::cast).", describe(indices)));
  }
  const int axis = static_cast<int>(node.attributes.integers[0]);
  if (x.shape()[axis] == 0) {
    throw Error(
        fmt::format("[gather] axis {} of {} has no elements; there is nothing to pick.", axis, describe(x)));
  }
  Shape shape;
  for (int a = 0; a < axis; ++a) shape.push_back(x.shape()[a]);
  for (const std::int64_t size : indices.shape()) shape.push_back(size);
  for (int a = axis + 1; a < x.rank(); ++a) shape.push_back(x.shape()[a]);
  return {shape, x.dtype()};
}

}  // namespace

// The gradient is a matrix product with the transposed one-hot rows of the indices: deterministic,
// differentiable.
const Op gather_op{
    .name = "gather",
    .kind = Kind::gather,
    .arity = 2,
    .infer = gather_rule,
    .vjp = [](const Tensor& y, const Tensor& g) -> std::vector<Tensor> {
      const Tensor& x = y.node().inputs[0];
      const Tensor& indices = y.node().inputs[1];
      const int axis = static_cast<int>(y.node().attributes.integers[0]);
      std::vector<int> picked_first;
      for (int a = axis; a < axis + indices.rank(); ++a) picked_first.push_back(a);
      for (int a = 0; a < y.rank(); ++a) {
        if (a < axis || a >= axis + indices.rank()) picked_first.push_back(a);
      }
      const Tensor rows = reshape(permute(g, picked_first), Shape{indices.count(), x.count() / x.size(axis)});
      const Tensor position = iota(Shape{x.size(axis), indices.count()}, 0, indices.dtype());
      // gather clamps, so its transpose must send what fell outside to the same ends.
      const Tensor clamped = minimum(maximum(reshape(indices, {-1}), 0), x.size(axis) - 1);
      // A choice, not a cast: the gradient of this gradient must not ask for that of a comparison.
      const Tensor hits = where(equal(position, clamped), 1.0f, 0.0f);
      Shape moved{x.size(axis)};
      std::vector<int> back(static_cast<std::size_t>(x.rank()));
      for (int a = 0, next = 1; a < x.rank(); ++a) {
        if (a != axis) moved.push_back(x.size(a));
        back[static_cast<std::size_t>(a)] = a == axis ? 0 : next++;
      }
      return {permute(reshape(matmul(hits, rows), moved), back), Tensor()};
    }};

Tensor gather(const Tensor& x, const Tensor& indices, int axis) {
  return apply(gather_op, {x, indices}, {.integers = {normalize_axis(axis, x.rank(), "gather")}});
}

Tensor one_hot(const Tensor& indices, std::int64_t depth) {
  if (is_float(indices.dtype()) || indices.dtype() == DType::boolean) {
    throw Error(fmt::format("[one_hot] indices are {}; they must be integers.", describe(indices)));
  }
  Shape shape = indices.shape();
  shape.push_back(depth);
  const Tensor position = iota(shape, shape.rank() - 1);
  return cast(equal(position, broadcast_to(expand_dims(cast(indices, DType::i32), -1), shape)), DType::f32);
}

}  // namespace hekla
