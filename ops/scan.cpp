// Cumulative sums.
#include "ops/scan.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

// The sum over a block is a short loop inside a kernel.
constexpr std::int64_t block = 16;

// Cumulative sum over the middle axis of [outer, n, inner]. A masked sum: in a matrix product with a triangle
// of ones, an infinity would make NaN of earlier elements.
Tensor running_sum(const Tensor& x) {
  const std::int64_t outer = x.size(0), n = x.size(1), inner = x.size(2);
  if (n <= block) {
    const Shape pairs{outer, n, n, inner};
    const Tensor until = iota(pairs, 2) <= iota(pairs, 1);
    return sum(where(until, expand_dims(x, 1), constant(0, {}, x.dtype())), {2});
  }
  const std::int64_t blocks = (n + block - 1) / block;
  const Tensor padded = pad(x, {{}, {.high = blocks * block - n}});
  const Tensor rows = reshape(padded, Shape{outer * blocks, block, inner});
  const Tensor within = reshape(running_sum(rows), Shape{outer, blocks, block, inner});
  const Tensor totals = reshape(sum(rows, {1}), Shape{outer, blocks, inner});
  const Tensor before = pad(slice(running_sum(totals), {{}, {.stop = blocks - 1}}), {{}, {.low = 1}});
  const Tensor all = reshape(within + expand_dims(before, 2), Shape{outer, blocks * block, inner});
  return slice(all, {{}, {.stop = n}});
}

}  // namespace

Tensor cumsum(const Tensor& x, int axis) {
  const int along = normalize_axis(axis, x.rank(), "cumsum");
  if (!is_arithmetic(x.dtype())) {
    throw Error(
        fmt::format("[cumsum] does not take {}; it takes f32, i32 or u32 (see hk::cast).", describe(x)));
  }
  if (x.count() == 0) return x;
  std::int64_t outer = 1, inner = 1;
  for (int a = 0; a < along; ++a) outer *= x.size(a);
  for (int a = along + 1; a < x.rank(); ++a) inner *= x.size(a);
  return reshape(running_sum(reshape(x, Shape{outer, x.size(along), inner})), x.shape());
}

}  // namespace hekla
