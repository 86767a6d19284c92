// Reductions: two primitives, which keep the reduced axes at size 1, and composites of them.
#include "ops/reduce.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "graph/error.h"
#include "graph/origin.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/extremes.h"
#include "ops/view.h"

namespace hekla {

namespace {

using Operands = std::span<const double>;
using Gradients = std::vector<Tensor>;

Meta reduce_rule(const Node& node) {
  const Tensor& x = node.inputs[0];
  if (!is_arithmetic(x.dtype())) {
    throw Error(fmt::format("[{}] does not take {}; it takes f32, i32 or u32 (see hk::cast).", node.op->name,
                            describe(x)));
  }
  Shape shape = x.shape();
  for (const std::int64_t axis : reduced_axes(node)) shape[static_cast<int>(axis)] = 1;
  return {shape, x.dtype()};
}

std::vector<int> chosen_axes(std::string_view op, const Tensor& x, const Axes& axes) {
  if (!x.defined())
    throw Error(fmt::format("[{}] the operand is an empty tensor; assign it a value first.", op));
  if (!axes.empty()) return normalize_axes(axes, x.rank(), op);
  std::vector<int> all;
  for (int axis = 0; axis < x.rank(); ++axis) all.push_back(axis);
  return all;
}

Tensor drop_axes(const Tensor& x, const Axes& axes, KeepDims keep) {
  return keep == KeepDims::yes ? x : squeeze(x, axes);
}

Tensor reduce(const Op& op, const Tensor& x, const Axes& axes, KeepDims keep) {
  const std::vector<int> folded = chosen_axes(op.name, x, axes);
  // Folding an axis of size 1 changes nothing.
  std::vector<std::int64_t> real;
  for (const int axis : folded) {
    if (x.shape()[axis] != 1) real.push_back(axis);
  }
  Tensor reduced = apply(op, {x}, {.integers = real});
  if (real.empty()) return drop_axes(x, folded, keep);
  // An empty reduction gives the identity element.
  if (x.count() == 0) reduced = constant(*op.identity, reduced.shape(), reduced.dtype());
  return drop_axes(reduced, folded, keep);
}

}  // namespace

const Op sum_op{.name = "sum",
                .kind = Kind::reduce,
                .arity = 1,
                .infer = reduce_rule,
                .glsl = "({0} + {1})",
                .identity = 0,
                .eval = [](Operands x, DType) { return x[0] + x[1]; },
                .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                  return {broadcast_to(g, y.node().inputs[0].shape())};
                }};
Tensor sum(const Tensor& x, const Axes& axes, KeepDims keep) { return reduce(sum_op, x, axes, keep); }

const Op max_op{.name = "max",
                .kind = Kind::reduce,
                .arity = 1,
                .infer = reduce_rule,
                .glsl = maximum_glsl,
                .identity = -std::numeric_limits<double>::infinity(),
                .eval = maximum_eval,
                .vjp = [](const Tensor& y, const Tensor& g) -> Gradients {
                  const Tensor& x = y.node().inputs[0];
                  // `where` instead of a cast: a comparison has no gradient, which the second derivative of a
                  // cast would need. If the maximum is NaN no element is less than it, so all share the
                  // gradient.
                  const Tensor winners = where(x < broadcast_to(y, x.shape()), 0.0f, 1.0f);
                  const std::span<const std::int64_t> folded = reduced_axes(y.node());
                  std::vector<int> axes(folded.begin(), folded.end());
                  const Tensor share = g / sum(winners, axes, KeepDims::yes);
                  return {winners * broadcast_to(share, x.shape())};
                }};
Tensor max(const Tensor& x, const Axes& axes, KeepDims keep) {
  for (const int axis : chosen_axes("max", x, axes)) {
    if (x.shape()[axis] == 0) {
      throw Error(
          fmt::format("[max] axis {} of {} has no elements; it must have at least one.", axis, describe(x)));
    }
  }
  return reduce(max_op, x, axes, keep);
}

Tensor min(const Tensor& x, const Axes& axes, KeepDims keep) {
  return reverse_order(max(reverse_order(x), axes, keep));
}

Tensor mean(const Tensor& x, const Axes& axes, KeepDims keep) {
  double count = 1;
  const std::vector<int> folded = chosen_axes("mean", x, axes);
  for (const int axis : folded) count *= static_cast<double>(x.shape()[axis]);
  if (count == 0) throw Error(fmt::format("[mean] {} has no elements to average.", describe(x)));
  if (x.dtype() != DType::f32) throw Error(fmt::format("[mean] {} is not f32; cast it first.", describe(x)));
  // Divides, as PyTorch does, instead of multiplying by the reciprocal: the mean of equal numbers is that
  // number if their sum is exact.
  const Tensor y = sum(x, axes, keep) / count;
  return folded.empty() ? y : with_origin(y, {"mean", {x}, {.integers = {folded.begin(), folded.end()}}});
}

namespace {

// [kept axes flattened, folded axes flattened].
Tensor folded_last(const Tensor& x, const std::vector<int>& folded) {
  std::vector<int> order;
  std::int64_t kept = 1, length = 1;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (std::find(folded.begin(), folded.end(), axis) != folded.end()) {
      length *= x.size(axis);
    } else {
      order.push_back(axis);
      kept *= x.size(axis);
    }
  }
  order.insert(order.end(), folded.begin(), folded.end());
  return reshape(permute(x, order), Shape{kept, length});
}

void refuse_nothing(std::string_view op, const Tensor& x, int axis) {
  if (x.shape()[axis] == 0) {
    throw Error(
        fmt::format("[{}] axis {} of {} has no elements; it must have at least one.", op, axis, describe(x)));
  }
}

}  // namespace

Tensor prod(const Tensor& x, const Axes& axes, KeepDims keep) {
  const std::vector<int> folded = chosen_axes("prod", x, axes);
  if (!is_arithmetic(x.dtype())) {
    throw Error(
        fmt::format("[prod] does not take {}; it takes f32, i32 or u32 (see hk::cast).", describe(x)));
  }
  Shape shape = x.shape();
  for (const int axis : folded) shape[axis] = 1;
  Tensor factors = folded_last(x, folded);
  if (factors.size(1) == 0) return drop_axes(ones(shape, x.dtype()), folded, keep);
  while (factors.size(1) > 1) {
    const std::int64_t half = (factors.size(1) + 1) / 2;
    const Tensor rest = slice(factors, {{}, {.start = half}});
    factors = slice(factors, {{}, {.stop = half}}) * pad(rest, {{}, {.high = half - rest.size(1)}}, 1);
  }
  return drop_axes(reshape(factors, shape), folded, keep);
}

Tensor any(const Tensor& x, const Axes& axes, KeepDims keep) {
  const Tensor truth = cast(x, DType::boolean);
  // The maximum, not the sum: a count could overflow.
  return reduce(max_op, cast(truth, DType::u32), axes, keep) > 0;
}

Tensor all(const Tensor& x, const Axes& axes, KeepDims keep) {
  return !any(!cast(x, DType::boolean), axes, keep);
}

Tensor argmax(const Tensor& x, int axis, KeepDims keep) {
  const int along = normalize_axis(axis, x.rank(), "argmax");
  refuse_nothing("argmax", x, along);
  if (x.shape()[along] > INT32_MAX) {
    throw Error(fmt::format("[argmax] axis {} of {} has {} elements; positions are counted in i32, to {}.",
                            along, describe(x), x.shape()[along], INT32_MAX));
  }
  // Positions are counted from the end, so that the largest candidate is the first of equals.
  const Tensor from_end = static_cast<int>(x.shape()[along] - 1) - iota(x.shape(), along);
  const Tensor best = broadcast_to(max(x, {along}, KeepDims::yes), x.shape());
  // If there is a NaN, the maximum is NaN, which equals nothing; only NaN is unequal to itself.
  Tensor candidate = equal(x, best);
  if (is_float(x.dtype())) candidate = candidate || not_equal(x, x);
  const Tensor last = max(where(candidate, from_end, -1), {along}, keep);
  return with_origin(static_cast<int>(x.shape()[along] - 1) - last, {"argmax", {x}, {.integers = {along}}});
}

Tensor argmin(const Tensor& x, int axis, KeepDims keep) {
  refuse_nothing("argmin", x, normalize_axis(axis, x.rank(), "argmin"));
  return argmax(reverse_order(x), axis, keep);
}

}  // namespace hekla
