// Gather, take_along_axis and one_hot.
#include "ops/gather.h"

#include <fmt/format.h>

#include <cstdint>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/scatter.h"
#include "ops/view.h"

namespace hekla {

namespace {

void check_indices(const Tensor& indices, std::string_view op) {
  if (indices.dtype() == DType::i32 || indices.dtype() == DType::u32) return;
  throw Error(
      fmt::format("[{}] indices are {}; they must be i32 or u32 (see hk::cast).", op, describe(indices)));
}

void check_elements(const Tensor& x, int axis, std::string_view op) {
  if (x.size(axis) > 0) return;
  throw Error(
      fmt::format("[{}] axis {} of {} has no elements; there is nothing to pick.", op, axis, describe(x)));
}

// The indices as the gather kernel clamps them.
Tensor clamped(const Tensor& indices, std::int64_t size) { return minimum(maximum(indices, 0), size - 1); }

Meta gather_rule(const Node& node) {
  const Tensor& x = node.inputs[0];
  const Tensor& indices = node.inputs[1];
  const int axis = gather_axis(node);
  check_indices(indices, "gather");
  check_elements(x, axis, "gather");
  Shape shape;
  for (int a = 0; a < axis; ++a) shape.push_back(x.shape()[a]);
  for (const std::int64_t size : indices.shape()) shape.push_back(size);
  for (int a = axis + 1; a < x.rank(); ++a) shape.push_back(x.shape()[a]);
  return {shape, x.dtype()};
}

}  // namespace

const Op gather_op{.name = "gather",
                   .kind = Kind::gather,
                   .arity = 2,
                   .infer = gather_rule,
                   .vjp = [](const Tensor& y, const Tensor& g) -> std::vector<Tensor> {
                     const Tensor& x = y.node().inputs[0];
                     const Tensor& indices = y.node().inputs[1];
                     const int axis = gather_axis(y.node());
                     return {scatter_add(x.shape(), clamped(indices, x.size(axis)), g, axis), Tensor()};
                   }};

Tensor gather(const Tensor& x, const Tensor& indices, int axis) {
  return apply(gather_op, {x, indices}, {.integers = {normalize_axis(axis, x.rank(), "gather")}});
}

Tensor take(const Tensor& x, const Tensor& indices, int axis) {
  return gather(x, indices, normalize_axis(axis, x.rank(), "take"));
}

Tensor take(const Tensor& x, const Tensor& indices) { return gather(reshape(x, Shape{x.count()}), indices); }

// take_along_axis gathers from the flattened elements [outer * n * inner] by positions [outer, m, inner] in
// them. Attributes: the axis to gather from, which is 0, and n.
// -------------------------------------------------------------------------

const Op take_along_axis_op{.name = "take_along_axis",
                            .kind = Kind::gather,
                            .arity = 2,
                            .infer = [](const Node& node) -> Meta {
                              return {node.inputs[1].shape(), node.inputs[0].dtype()};
                            },
                            .vjp = [](const Tensor& y, const Tensor& g) -> std::vector<Tensor> {
                              const Tensor& x = y.node().inputs[0];
                              const Tensor& picked = y.node().inputs[1];
                              const std::int64_t outer = y.size(0), n = y.node().attributes.integers[1],
                                                 m = y.size(1), inner = y.size(2);
                              const Shape pairs{outer, n, m, inner};
                              const Tensor position = reshape(iota(x.shape(), 0), {outer, n, 1, inner});
                              const Tensor hits =
                                  equal(broadcast_to(position, pairs),
                                        broadcast_to(reshape(picked, {outer, 1, m, inner}), pairs));
                              const Tensor each = broadcast_to(reshape(g, {outer, 1, m, inner}), pairs);
                              return {reshape(sum(where(hits, each, 0.0f), {2}), x.shape()), Tensor()};
                            }};

Tensor take_along_axis(const Tensor& x, const Tensor& indices, int axis) {
  const int along = normalize_axis(axis, x.rank(), "take_along_axis");
  check_indices(indices, "take_along_axis");
  if (x.rank() != indices.rank()) {
    throw Error(fmt::format("[take_along_axis] {} by {}; both must have the same rank.", describe(x),
                            describe(indices)));
  }
  Shape from = x.shape(), to = indices.shape();
  const std::int64_t n = from[along], m = to[along];
  from[along] = to[along] = 1;
  from = to = broadcast_shapes(from, to, "take_along_axis");
  from[along] = n;
  to[along] = m;
  if (to.count() == 0) return constant(0, to, x.dtype());
  check_elements(x, along, "take_along_axis");
  if (from.count() > INT32_MAX) {
    throw Error(fmt::format("[take_along_axis] {} elements of {}; positions are counted in i32.",
                            from.count(), describe(x)));
  }
  std::int64_t outer = 1, inner = 1;
  for (int a = 0; a < along; ++a) outer *= from[a];
  for (int a = along + 1; a < x.rank(); ++a) inner *= from[a];
  const Shape picks{outer, m, inner};
  const Tensor index = cast(clamped(reshape(broadcast_to(indices, to), picks), n), DType::i32);
  const Tensor position = (iota(picks, 0) * n + index) * inner + iota(picks, 2);
  const Tensor elements = reshape(broadcast_to(x, from), Shape{from.count()});
  return reshape(apply(take_along_axis_op, {elements, position}, {.integers = {0, n}}), to);
}

Tensor one_hot(const Tensor& indices, std::int64_t depth, int axis) {
  if (is_float(indices.dtype()) || indices.dtype() == DType::boolean) {
    throw Error(fmt::format("[one_hot] indices are {}; they must be integers.", describe(indices)));
  }
  if (depth < 0) throw Error(fmt::format("[one_hot] depth {}; it must not be negative.", depth));
  const int along = normalize_axis(axis, indices.rank() + 1, "one_hot");
  const Tensor index = expand_dims(cast(indices, DType::i32), along);
  Shape shape = index.shape();
  shape[along] = depth;
  return cast(equal(iota(shape, along), broadcast_to(index, shape)), DType::f32);
}

}  // namespace hekla
