// Searching in sorted numbers, and counting.
#include "ops/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/scatter.h"
#include "ops/view.h"

namespace hekla {

namespace {

void check_lengths(const Tensor& sorted, const Tensor& values) {
  if (!is_arithmetic(sorted.dtype()) || sorted.dtype() != values.dtype()) {
    throw Error(fmt::format("[searchsorted] {} in {}; both must be f32, both i32 or both u32 (see hk::cast).",
                            describe(values), describe(sorted)));
  }
  bool fits = sorted.rank() == 1 || (sorted.rank() > 1 && sorted.rank() == values.rank());
  for (int axis = 0; fits && axis < sorted.rank() - 1; ++axis) fits = sorted.size(axis) == values.size(axis);
  if (!fits) {
    throw Error(fmt::format(
        "[searchsorted] {} in {}; what is searched must be a vector, or have the leading axes of the values.",
        describe(values), describe(sorted)));
  }
}

void check_counted(const Tensor& x, std::int64_t length) {
  if (x.dtype() != DType::i32 && x.dtype() != DType::u32)
    throw Error(fmt::format("[bincount] {} is not i32 or u32; cast it first.", describe(x)));
  if (length < 0) throw Error(fmt::format("[bincount] length {}; it must not be negative.", length));
}

}  // namespace

// Operands: the sorted rows [rows, n] and the values [rows, m]; attributes: 1 where equal elements are counted, too. A
// binary search is no fixed number of operations. With NaN both comparisons are false, which their negations make use
// of.
constexpr CustomKernel searchsorted_kernel{
    .body = R"(  int n = shape0[1];
  int row = invocation / shape1[1] * n;
  T1 value = load1(invocation);
  bool counts_equals = integers[0] != 0;
  int low = 0;
  int high = n;
  while (low < high) {
    int middle = (low + high) / 2;
    T0 element = load0(row + middle);
    bool is_before = counts_equals ? !(element > value) : !(element >= value);
    // NaN is before NaN alone.
    is_before = element != element ? counts_equals && value != value : is_before;
    if (is_before) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  store(invocation, low);
)",
    .invocations = [](const Node& node) { return node.shape.count(); },
    .reference = [](const Node& node, std::span<const std::vector<double>> operands) -> std::vector<double> {
      const auto n = static_cast<std::ptrdiff_t>(node.inputs[0].size(1));
      const auto m = static_cast<std::size_t>(node.inputs[1].size(1));
      const auto precedes = [](double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); };
      std::vector<double> positions;
      for (std::size_t i = 0; i < operands[1].size(); ++i) {
        const auto row = operands[0].begin() + static_cast<std::ptrdiff_t>(i / m) * n;
        const double value = operands[1][i];
        const auto found = node.attributes.integers[0] != 0 ? std::upper_bound(row, row + n, value, precedes)
                                                            : std::lower_bound(row, row + n, value, precedes);
        positions.push_back(static_cast<double>(found - row));
      }
      return positions;
    }};

const Op searchsorted_op{.name = "searchsorted",
                         .kind = Kind::custom,
                         .arity = 2,
                         .infer = [](const Node& node) -> Meta {
                           return {node.inputs[1].shape(), DType::i32};
                         },
                         .kernel = &searchsorted_kernel};

Tensor searchsorted(const Tensor& sorted, const Tensor& values, Side side) {
  check_lengths(sorted, values);
  if (values.count() == 0) return zeros(values.shape(), i32);
  const std::int64_t n = sorted.size(-1), rows = sorted.rank() == 1 ? 1 : values.count() / values.size(-1);
  if (n == 0) return zeros(values.shape(), i32);
  const Tensor found =
      apply(searchsorted_op, {reshape(sorted, {rows, n}), reshape(values, {rows, values.count() / rows})},
            {.integers = {side == Side::right ? 1 : 0}});
  return reshape(found, values.shape());
}

Tensor bincount(const Tensor& x, std::int64_t length) {
  return bincount(x, length, constant(1, x.shape(), i32));
}

Tensor bincount(const Tensor& x, std::int64_t length, const Tensor& weights) {
  check_counted(x, length);
  if (!(weights.shape() == x.shape()) || !is_arithmetic(weights.dtype())) {
    throw Error(
        fmt::format("[bincount] weights are {} for {}; they must have its shape and be f32, i32 or u32.",
                    describe(weights), describe(x)));
  }
  return scatter_add({length}, reshape(x, Shape{x.count()}), reshape(weights, Shape{x.count()}));
}

Histogram histogram(const Tensor& x, std::int64_t bins, double low, double high) {
  if (x.dtype() != DType::f32)
    throw Error(fmt::format("[histogram] {} is not f32; cast it first.", describe(x)));
  if (bins < 1) throw Error(fmt::format("[histogram] {} bins; there must be at least one.", bins));
  if (!(low < high) || !std::isfinite(high - low)) {
    throw Error(fmt::format("[histogram] low is {} and high {}; low must be below high, and both finite.",
                            low, high));
  }
  // Floats on every device, so that all find the same bins.
  std::vector<float> numbers;
  for (std::int64_t i = 0; i <= bins; ++i) {
    const double part = static_cast<double>(i) / static_cast<double>(bins);
    numbers.push_back(static_cast<float>(low + (high - low) * part));
  }
  numbers.back() = static_cast<float>(high);
  const Tensor edges = tensor(numbers);
  const Tensor found = searchsorted(edges, x, Side::right) - 1;
  const Tensor last = constant(static_cast<double>(bins - 1), {}, i32);
  return {bincount(where(equal(x, numbers.back()), last, found), bins), edges};
}

}  // namespace hekla
