// Cumulative sums, products and extremes.
#include "ops/scan.h"

#include <fmt/format.h>

#include <limits>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// The sum over a block is a short loop inside a kernel.
constexpr std::int64_t block = 16;

// Tensors are scanned along the middle axis of [outer, n, inner].
Tensor in_blocks(const Tensor& x, double neutral) {
  const std::int64_t blocks = (x.size(1) + block - 1) / block;
  const Tensor padded = pad(x, {{}, {.high = blocks * block - x.size(1)}}, neutral);
  return reshape(padded, Shape{x.size(0) * blocks, block, x.size(2)});
}

// The totals of all blocks before each one.
Tensor moved_on(const Tensor& totals, double neutral) {
  return pad(slice(totals, {{}, {.stop = totals.size(1) - 1}}), {{}, {.low = 1}}, neutral);
}

// A masked sum: in a matrix product with a triangle of ones, an infinity would make NaN of earlier elements.
Tensor running_sum(const Tensor& x) {
  const std::int64_t outer = x.size(0), n = x.size(1), inner = x.size(2);
  if (n <= block) {
    const Shape pairs{outer, n, n, inner};
    const Tensor until = iota(pairs, 2) <= iota(pairs, 1);
    return sum(where(until, expand_dims(x, 1), constant(0, {}, x.dtype())), {2});
  }
  const Tensor rows = in_blocks(x, 0);
  const std::int64_t blocks = rows.size(0) / outer;
  const Tensor within = reshape(running_sum(rows), Shape{outer, blocks, block, inner});
  const Tensor totals = reshape(sum(rows, {1}), Shape{outer, blocks, inner});
  const Tensor before = moved_on(running_sum(totals), 0);
  const Tensor all = reshape(within + expand_dims(before, 2), Shape{outer, blocks * block, inner});
  return slice(all, {{}, {.stop = n}});
}

// An associative operation and the number that changes nothing.
struct Fold {
  Tensor (*combine)(const Tensor& earlier, const Tensor& later);
  double neutral;
};

// Within a block, each step doubles the number of elements that are folded. (Hillis, Steele: Data Parallel
// Algorithms, 1986.)
Tensor running(const Fold& fold, const Tensor& x) {
  const std::int64_t outer = x.size(0), n = x.size(1), inner = x.size(2);
  if (n <= block) {
    Tensor folded = x;
    for (std::int64_t step = 1; step < n; step *= 2) {
      const Tensor earlier = pad(slice(folded, {{}, {.stop = n - step}}), {{}, {.low = step}}, fold.neutral);
      folded = fold.combine(earlier, folded);
    }
    return folded;
  }
  const Tensor rows = in_blocks(x, fold.neutral);
  const std::int64_t blocks = rows.size(0) / outer;
  const Tensor within = reshape(running(fold, rows), Shape{outer, blocks, block, inner});
  const Tensor totals = reshape(slice(within, {{}, {}, {.start = block - 1}}), Shape{outer, blocks, inner});
  const Tensor before = moved_on(running(fold, totals), fold.neutral);
  const Shape shape = within.shape();
  const Tensor all = fold.combine(broadcast_to(expand_dims(before, 2), shape), within);
  return slice(reshape(all, Shape{outer, blocks * block, inner}), {{}, {.stop = n}});
}

// log(e^a + e^b).
Tensor log_sum(const Tensor& a, const Tensor& b) {
  const Tensor is_less = a < b;
  const Tensor larger = where(is_less, b, a), smaller = where(is_less, a, b);
  // Of infinities, the difference may be NaN where the sum is known.
  const Tensor known = equal(smaller, -infinity) || (equal(larger, infinity) && equal(smaller, smaller));
  return larger + softplus(where(known, -infinity, smaller - larger));
}

// The axis as the middle one.
Tensor with_axis_in_the_middle(const Tensor& x, int axis) {
  std::int64_t outer = 1, inner = 1;
  for (int a = 0; a < axis; ++a) outer *= x.size(a);
  for (int a = axis + 1; a < x.rank(); ++a) inner *= x.size(a);
  return reshape(x, Shape{outer, x.size(axis), inner});
}

int checked_axis(std::string_view op, const Tensor& x, int axis) {
  const int along = normalize_axis(axis, x.rank(), op);
  if (!is_arithmetic(x.dtype())) {
    throw Error(
        fmt::format("[{}] does not take {}; it takes f32, i32 or u32 (see hk::cast).", op, describe(x)));
  }
  return along;
}

double lowest(DType dtype) { return dtype == DType::f32 ? -infinity : dtype == DType::i32 ? INT32_MIN : 0; }

CumulativeExtremes running_maximum(std::string_view op, const Tensor& x, int axis) {
  if (x.count() == 0) return {x, zeros(x.shape(), i32)};
  if (x.count() > INT32_MAX) {
    throw Error(
        fmt::format("[{}] {} elements of {}; positions are counted in i32.", op, x.count(), describe(x)));
  }
  const Tensor elements = with_axis_in_the_middle(x, axis);
  const Tensor constants = stop_gradient(elements);
  const Tensor largest = running({maximum, lowest(x.dtype())}, constants);
  // An element that becomes the largest, or equals it, is found at its own position.
  Tensor is_found = equal(constants, largest);
  if (is_float(x.dtype())) is_found = is_found || isnan(constants);
  const Shape& shape = elements.shape();
  const Tensor indices = running({maximum, 0}, where(is_found, iota(shape, 1), 0));
  const Tensor positions = (iota(shape, 0) * shape[1] + indices) * shape[2] + iota(shape, 2);
  const Tensor values = is_float(x.dtype()) ? gather(reshape(x, Shape{x.count()}), positions) : largest;
  return {reshape(values, x.shape()), reshape(indices, x.shape())};
}

}  // namespace

Tensor cumsum(const Tensor& x, int axis) {
  const int along = checked_axis("cumsum", x, axis);
  return x.count() == 0 ? x : reshape(running_sum(with_axis_in_the_middle(x, along)), x.shape());
}

Tensor cumprod(const Tensor& x, int axis) {
  const int along = checked_axis("cumprod", x, axis);
  return x.count() == 0 ? x : reshape(running({multiply, 1}, with_axis_in_the_middle(x, along)), x.shape());
}

Tensor logcumsumexp(const Tensor& x, int axis) {
  const int along = normalize_axis(axis, x.rank(), "logcumsumexp");
  if (x.dtype() != DType::f32)
    throw Error(fmt::format("[logcumsumexp] {} is not f32; cast it first.", describe(x)));
  if (x.count() == 0) return x;
  return reshape(running({log_sum, -infinity}, with_axis_in_the_middle(x, along)), x.shape());
}

CumulativeExtremes cummax(const Tensor& x, int axis) {
  return running_maximum("cummax", x, checked_axis("cummax", x, axis));
}

CumulativeExtremes cummin(const Tensor& x, int axis) {
  const int along = checked_axis("cummin", x, axis);
  const CumulativeExtremes found = running_maximum("cummin", reverse_order(x), along);
  return {reverse_order(found.values), found.indices};
}

}  // namespace hekla
