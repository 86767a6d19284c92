// Statistics over axes.
#include "ops/statistics.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "graph/error.h"
#include "ops/cancel.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/view.h"

namespace hekla {

namespace {

void check_float(std::string_view op, const Tensor& x) {
  if (!x.defined())
    throw Error(fmt::format("[{}] the operand is an empty tensor; assign it a value first.", op));
  if (x.dtype() != DType::f32)
    throw Error(fmt::format("[{}] {} is not f32; cast it first.", op, describe(x)));
}

// For each axis, whether it is reduced.
std::vector<bool> folded_axes(std::string_view op, const Tensor& x, const Axes& axes) {
  std::vector<bool> folded(static_cast<std::size_t>(x.rank()), axes.empty());
  for (const int axis : normalize_axes(axes, x.rank(), op)) folded[static_cast<std::size_t>(axis)] = true;
  return folded;
}

// The first element of each reduced region, or 0 where it is infinite. Any number gives the same value and
// gradient, since it is subtracted and added again.
Tensor pivot(const Tensor& x, const std::vector<bool>& folded) {
  std::vector<Range> first;
  for (const bool is_folded : folded) first.push_back(is_folded ? Range{0, 1} : Range{});
  const Tensor element = stop_gradient(slice(x, first));
  return where(abs(element) < std::numeric_limits<double>::infinity(), element, 0);
}

// g / (2 y). Where y is 0: the limit if y is a factor of g, otherwise 0.
Tensor half_quotient(const Tensor& g, const Tensor& y) {
  if (const Tensor rest = without_factor(g, y); rest.defined()) return rest * 0.5;
  if (g.node().op == &add_op)
    return half_quotient(g.node().inputs[0], y) + half_quotient(g.node().inputs[1], y);
  const Tensor zero = equal(y, 0);
  return where(zero, 0, g / (2 * where(zero, 1, y)));
}

}  // namespace

// A square root with gradient 0 at 0 instead of 0 / 0.
const Op root_op{
    .name = "root",
    .kind = Kind::elementwise,
    .arity = 1,
    .infer = float_operands,
    .glsl = "sqrt({0})",
    .eval = [](std::span<const double> x, DType) { return std::sqrt(x[0]); },
    .cost = 4,
    .onnx = "Sqrt",
    .vjp = [](const Tensor& y, const Tensor& g) -> std::vector<Tensor> { return {half_quotient(g, y)}; }};

Moments moments(const Tensor& x, const Axes& axes, KeepDims keep) {
  check_float("moments", x);
  const std::vector<bool> folded = folded_axes("moments", x, axes);
  std::vector<int> squeezed;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (!folded[static_cast<std::size_t>(axis)]) continue;
    if (x.size(axis) == 0) throw Error(fmt::format("[moments] {} has no elements to average.", describe(x)));
    squeezed.push_back(axis);
  }
  const Tensor start = pivot(x, folded);
  const Tensor average = start + mean(x - start, axes, KeepDims::yes);
  const Tensor variance = mean(square(x - average), axes, KeepDims::yes);
  if (keep == KeepDims::yes) return {average, variance};
  return {squeeze(average, squeezed), squeeze(variance, squeezed)};
}

Tensor variance(const Tensor& x, const Axes& axes, KeepDims keep, int correction) {
  check_float("variance", x);
  const std::vector<bool> folded = folded_axes("variance", x, axes);
  double count = 1;
  for (int axis = 0; axis < x.rank(); ++axis) {
    if (folded[static_cast<std::size_t>(axis)]) count *= static_cast<double>(x.size(axis));
  }
  if (count <= correction) {
    throw Error(
        fmt::format("[variance] {} elements of {} and correction {}; there must be more elements than that.",
                    count, describe(x), correction));
  }
  const Tensor total = sum(square(x - moments(x, axes, KeepDims::yes).mean), axes, keep);
  return total * (1 / (count - correction));
}

Tensor std(const Tensor& x, const Axes& axes, KeepDims keep, int correction) {
  return apply(root_op, {variance(x, axes, keep, correction)});
}

Tensor logsumexp(const Tensor& x, const Axes& axes, KeepDims keep) {
  check_float("logsumexp", x);
  const Tensor largest = stop_gradient(max(x, axes, KeepDims::yes));
  // An infinite shift would turn an infinite result into inf - inf.
  const Tensor shift = where(equal(abs(largest), std::numeric_limits<double>::infinity()), 0, largest);
  const Tensor kept = log(sum(exp(x - shift), axes, KeepDims::yes)) + shift;
  return keep == KeepDims::yes ? kept : sum(kept, axes);
}

Tensor norm(const Tensor& x, double order, const Axes& axes, KeepDims keep) {
  check_float("norm", x);
  if (order == 1) return sum(abs(x), axes, keep);
  if (order == 2) return apply(root_op, {sum(square(x), axes, keep)});
  if (order == std::numeric_limits<double>::infinity()) return max(abs(x), axes, keep);
  throw Error(fmt::format("[norm] order is {}; it must be 1, 2 or infinity.", order));
}

Tensor nansum(const Tensor& x, const Axes& axes, KeepDims keep) {
  check_float("nansum", x);
  return sum(where(isnan(x), 0, x), axes, keep);
}

Tensor nanmean(const Tensor& x, const Axes& axes, KeepDims keep) {
  check_float("nanmean", x);
  return nansum(x, axes, keep) / sum(where(isnan(x), 0.0, 1.0), axes, keep);
}

}  // namespace hekla
