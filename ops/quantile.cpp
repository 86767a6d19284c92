// Quantiles and the median.
#include "ops/quantile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/reorder.h"
#include "ops/sort.h"
#include "ops/view.h"

namespace hekla {

namespace {

// [kept axes flattened, folded axes flattened], sorted.
Tensor sorted_rows(const Tensor& x, const std::vector<int>& folded) {
  std::vector<int> order;
  std::int64_t kept = 1, length = 1;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const bool is_folded = std::ranges::find(folded, axis) != folded.end();
    (is_folded ? length : kept) *= x.size(axis);
    if (!is_folded) order.push_back(axis);
  }
  order.insert(order.end(), folded.begin(), folded.end());
  return sort(reshape(permute(x, order), Shape{kept, length}), 1);
}

// Column `at` of [rows, n].
Tensor column(const Tensor& rows, std::int64_t at) {
  return reshape(slice(rows, {{}, {.start = at, .stop = at + 1}}), Shape{rows.size(0)});
}

Tensor at_quantile(const Tensor& sorted, double q) {
  const std::int64_t last = sorted.size(1) - 1;
  const double position = q * static_cast<double>(last);
  const auto below = static_cast<std::int64_t>(position);
  const double fraction = position - static_cast<double>(below);
  const Tensor lower = column(sorted, below);
  const Tensor largest = column(sorted, last);
  Tensor y = lower;
  if (fraction > 0) {
    const Tensor upper = column(sorted, below + 1);
    // Of equal infinities, the difference is NaN.
    y = where(equal(lower, upper), lower, lower + fraction * (upper - lower));
  }
  // NaN is the last.
  return where(isnan(largest), largest, y);
}

}  // namespace

Tensor quantile(const Tensor& x, const std::vector<double>& q, const Axes& axes, KeepDims keep) {
  if (x.dtype() != DType::f32)
    throw Error(fmt::format("[quantile] {} is not f32; cast it first.", describe(x)));
  if (q.empty()) throw Error("[quantile] no q; there must be at least one.");
  for (const double each : q) {
    if (!(each >= 0 && each <= 1))
      throw Error(fmt::format("[quantile] q is {}; it must be in [0, 1].", each));
  }
  std::vector<int> folded = normalize_axes(axes, x.rank(), "quantile");
  if (axes.empty()) {
    for (int axis = 0; axis < x.rank(); ++axis) folded.push_back(axis);
  }
  Shape shape = x.shape();
  for (const int axis : folded) {
    if (x.size(axis) == 0) {
      throw Error(fmt::format("[quantile] axis {} of {} has no elements; it must have at least one.", axis,
                              describe(x)));
    }
    shape[axis] = 1;
  }
  const Tensor sorted = sorted_rows(x, folded);
  std::vector<Tensor> results;
  for (const double each : q) {
    const Tensor y = reshape(at_quantile(sorted, each), shape);
    results.push_back(keep == KeepDims::yes ? y : squeeze(y, folded));
  }
  return stack(results);
}

Tensor quantile(const Tensor& x, double q, const Axes& axes, KeepDims keep) {
  return squeeze(quantile(x, std::vector<double>{q}, axes, keep), {0});
}

Tensor median(const Tensor& x, const Axes& axes, KeepDims keep) { return quantile(x, 0.5, axes, keep); }

}  // namespace hekla
