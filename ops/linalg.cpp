// Each product reshapes its operands to matrices.
#include "ops/linalg.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "ops/view.h"

namespace hekla {

namespace {

// Twice as many axes are needed on the way.
constexpr int most_axes_of_kron = 6;

void check_dtypes(const Tensor& a, const Tensor& b, std::string_view op) {
  if (a.dtype() == DType::f32 && b.dtype() == DType::f32) return;
  throw Error(fmt::format("[{}] operands are {} and {}; both must be f32 (see hk::cast).", op, describe(a),
                          describe(b)));
}

Tensor contract(const Tensor& a, const Tensor& b, const std::vector<int>& axes_a,
                const std::vector<int>& axes_b, std::string_view op) {
  check_dtypes(a, b, op);
  normalize_axes(axes_a, a.rank(), op);
  normalize_axes(axes_b, b.rank(), op);
  std::int64_t inner = 1;
  bool fitting = axes_a.size() == axes_b.size();
  for (std::size_t i = 0; fitting && i < axes_a.size(); ++i) {
    fitting = a.size(axes_a[i]) == b.size(axes_b[i]);
    inner *= a.size(axes_a[i]);
  }
  if (!fitting) {
    throw Error(fmt::format("[{}] axes ({}) of {} with axes ({}) of {}; they must pair and be equal in size.",
                            op, fmt::join(axes_a, ","), describe(a), fmt::join(axes_b, ","), describe(b)));
  }
  const int summed = static_cast<int>(axes_a.size());
  std::vector<int> last(axes_a.size()), first(axes_a.size());
  std::iota(last.begin(), last.end(), a.rank() - summed);
  std::iota(first.begin(), first.end(), 0);
  const Tensor left = moveaxis(a, axes_a, last);
  const Tensor right = moveaxis(b, axes_b, first);
  Shape shape;
  std::int64_t rows = 1, columns = 1;
  for (int axis = 0; axis < a.rank() - summed; ++axis) {
    shape.push_back(left.size(axis));
    rows *= left.size(axis);
  }
  for (int axis = summed; axis < b.rank(); ++axis) {
    shape.push_back(right.size(axis));
    columns *= right.size(axis);
  }
  if (rows == 1 && columns == 1) {
    // One number: a reduction is parallel over the device; a matrix product of one row and one column is not.
    return reshape(sum(reshape(left, {inner}) * reshape(right, {inner})), shape);
  }
  return reshape(matmul(reshape(left, {rows, inner}), reshape(right, {inner, columns})), shape);
}

}  // namespace

Tensor dot(const Tensor& a, const Tensor& b) {
  if (a.rank() == 0 || b.rank() == 0) return a * b;
  return contract(a, b, {-1}, {b.rank() == 1 ? 0 : -2}, "dot");
}

Tensor inner(const Tensor& a, const Tensor& b) {
  if (a.rank() == 0 || b.rank() == 0) return a * b;
  return contract(a, b, {-1}, {-1}, "inner");
}

Tensor outer(const Tensor& a, const Tensor& b) {
  return reshape(a, Shape{a.count(), 1}) * reshape(b, Shape{1, b.count()});
}

Tensor tensordot(const Tensor& a, const Tensor& b, const std::vector<int>& axes_a,
                 const std::vector<int>& axes_b) {
  return contract(a, b, axes_a, axes_b, "tensordot");
}

Tensor tensordot(const Tensor& a, const Tensor& b, int axes) {
  if (axes < 0 || axes > a.rank() || axes > b.rank()) {
    throw Error(
        fmt::format("[tensordot] {} axes of {} and {}; the number must lie between 0 and the smaller rank.",
                    axes, describe(a), describe(b)));
  }
  std::vector<int> last(static_cast<std::size_t>(axes)), first(static_cast<std::size_t>(axes));
  std::iota(last.begin(), last.end(), a.rank() - axes);
  std::iota(first.begin(), first.end(), 0);
  return contract(a, b, last, first, "tensordot");
}

Tensor kron(const Tensor& a, const Tensor& b) {
  const int rank = std::max(a.rank(), b.rank());
  if (rank > most_axes_of_kron) {
    throw Error(fmt::format("[kron] {} and {}; the rank must not be above {}.", describe(a), describe(b),
                            most_axes_of_kron));
  }
  // Each axis of the result is one of a, and one of b within.
  Shape of_a, of_b, shape;
  for (int axis = -rank; axis < 0; ++axis) {
    const std::int64_t outer = axis < -a.rank() ? 1 : a.size(axis),
                       inner = axis < -b.rank() ? 1 : b.size(axis);
    of_a.push_back(outer);
    of_a.push_back(1);
    of_b.push_back(1);
    of_b.push_back(inner);
    shape.push_back(outer * inner);
  }
  return reshape(reshape(a, of_a) * reshape(b, of_b), shape);
}

Tensor cross(const Tensor& a, const Tensor& b, int axis) {
  const Shape shape = broadcast_shapes(a.shape(), b.shape(), "cross");
  const int along = normalize_axis(axis, shape.rank(), "cross");
  // Broadcasting would make three of one.
  const auto has_three = [&](const Tensor& x) {
    const int own = along - (shape.rank() - x.rank());
    return own >= 0 && x.size(own) == 3;
  };
  if (!has_three(a) || !has_three(b)) {
    throw Error(fmt::format("[cross] axis {} of {} and {}; vectors must have three components.", axis,
                            describe(a), describe(b)));
  }
  const Tensor x = broadcast_to(a, shape), y = broadcast_to(b, shape);
  return roll(x, -1, along) * roll(y, -2, along) - roll(x, -2, along) * roll(y, -1, along);
}

}  // namespace hekla
