// Statistics over axes.
#include "ops/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "graph/error.h"
#include "ops/elementwise.h"

namespace hekla {

namespace {

void check_float(std::string_view op, const Tensor& x) {
  if (!x.defined())
    throw Error(fmt::format("[{}] the operand is an empty tensor; assign it a value first.", op));
  if (x.dtype() != DType::f32)
    throw Error(fmt::format("[{}] {} is not f32; cast it first.", op, describe(x)));
}

// The square root whose gradient at 0 is 0 instead of 0 / 0.
Tensor root(const Tensor& x) {
  const Tensor positive = x > 0;
  return where(positive, sqrt(where(positive, x, 1)), x);
}

}  // namespace

Tensor variance(const Tensor& x, const std::vector<int>& axes, KeepDims keep, int correction) {
  check_float("variance", x);
  const Tensor centred = x - mean(x, axes, KeepDims::yes);
  const Tensor total = sum(square(centred), axes, keep);
  double count = 1;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const bool folded = axes.empty() || std::find(axes.begin(), axes.end(), axis) != axes.end() ||
                        std::find(axes.begin(), axes.end(), axis - x.rank()) != axes.end();
    if (folded) count *= static_cast<double>(x.size(axis));
  }
  if (count <= correction) {
    throw Error(
        fmt::format("[variance] {} elements of {} and correction {}; there must be more elements than that.",
                    count, describe(x), correction));
  }
  return total * (1 / (count - correction));
}

Tensor std(const Tensor& x, const std::vector<int>& axes, KeepDims keep, int correction) {
  return root(variance(x, axes, keep, correction));
}

Tensor logsumexp(const Tensor& x, const std::vector<int>& axes, KeepDims keep) {
  check_float("logsumexp", x);
  const Tensor largest = stop_gradient(max(x, axes, KeepDims::yes));
  // An infinite shift would make inf - inf of what is a plain infinity.
  const Tensor shift = where(equal(abs(largest), std::numeric_limits<double>::infinity()), 0, largest);
  const Tensor kept = log(sum(exp(x - shift), axes, KeepDims::yes)) + shift;
  return keep == KeepDims::yes ? kept : sum(kept, axes);
}

Tensor norm(const Tensor& x, double order, const std::vector<int>& axes, KeepDims keep) {
  check_float("norm", x);
  if (order == 1) return sum(abs(x), axes, keep);
  if (order == 2) return root(sum(square(x), axes, keep));
  if (order == std::numeric_limits<double>::infinity()) return max(abs(x), axes, keep);
  throw Error(fmt::format("[norm] order is {}; it must be 1, 2 or infinity.", order));
}

}  // namespace hekla
