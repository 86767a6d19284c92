// Integrals of samples by the trapezoidal rule.
#include "ops/integrate.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "ops/scan.h"
#include "ops/view.h"

namespace hekla {

namespace {

Tensor without_first(const Tensor& x, int axis) {
  std::vector<Range> ranges(static_cast<std::size_t>(x.rank()));
  ranges[static_cast<std::size_t>(axis)] = {.start = 1};
  return slice(x, ranges);
}

Tensor without_last(const Tensor& x, int axis) {
  std::vector<Range> ranges(static_cast<std::size_t>(x.rank()));
  ranges[static_cast<std::size_t>(axis)] = {.stop = std::max<std::int64_t>(0, x.size(axis) - 1)};
  return slice(x, ranges);
}

// The areas between neighbours, for distances that broadcast with them.
Tensor areas(const Tensor& y, int axis, const Tensor& distances) {
  return (without_first(y, axis) + without_last(y, axis)) * (0.5 * distances);
}

Tensor distances_of(std::string_view op, const Tensor& x, const Tensor& y, int axis) {
  const int own = x.rank() == 1 ? 0 : axis - (y.rank() - x.rank());
  if (own < 0 || x.rank() > y.rank() || x.size(own) != y.size(axis)) {
    throw Error(fmt::format("[{}] positions {} of samples {} along axis {}; there is one for each sample.",
                            op, describe(x), describe(y), axis));
  }
  const Tensor distances = without_first(x, own) - without_last(x, own);
  if (x.rank() != 1) return distances;
  Shape shape;
  for (int a = 0; a < y.rank(); ++a) shape.push_back(a == axis ? distances.size(0) : 1);
  return reshape(distances, shape);
}

}  // namespace

Tensor trapezoid(const Tensor& y, double dx, int axis) {
  const int along = normalize_axis(axis, y.rank(), "trapezoid");
  return sum(areas(y, along, dx), {along});
}

Tensor trapezoid(const Tensor& y, const Tensor& x, int axis) {
  const int along = normalize_axis(axis, y.rank(), "trapezoid");
  return sum(areas(y, along, distances_of("trapezoid", x, y, along)), {along});
}

Tensor cumulative_trapezoid(const Tensor& y, double dx, int axis) {
  const int along = normalize_axis(axis, y.rank(), "cumulative_trapezoid");
  return cumsum(areas(y, along, dx), along);
}

Tensor cumulative_trapezoid(const Tensor& y, const Tensor& x, int axis) {
  const int along = normalize_axis(axis, y.rank(), "cumulative_trapezoid");
  return cumsum(areas(y, along, distances_of("cumulative_trapezoid", x, y, along)), along);
}

}  // namespace hekla
