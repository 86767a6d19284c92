// Scatter-add without atomics: each output element is accumulated by one invocation in a fixed order, so the
// sum is deterministic. Small cases compare every index with every position. Large ones sort the indices, and
// each position finds its own by binary search.
#include "ops/scatter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "ops/sort.h"
#include "ops/view.h"

namespace hekla {

namespace {

void check(const Shape& shape, const Tensor& indices, const Tensor& updates, int axis) {
  if (indices.dtype() != DType::i32 && indices.dtype() != DType::u32) {
    throw Error(fmt::format("[scatter_add] indices are {}; they must be i32 or u32 (see hk::cast).",
                            describe(indices)));
  }
  if (!is_arithmetic(updates.dtype())) {
    throw Error(fmt::format("[scatter_add] updates are {}; they must be f32, i32 or u32 (see hk::cast).",
                            describe(updates)));
  }
  Shape expected;
  for (int a = 0; a < axis; ++a) expected.push_back(shape[a]);
  for (const std::int64_t size : indices.shape()) expected.push_back(size);
  for (int a = axis + 1; a < shape.rank(); ++a) expected.push_back(shape[a]);
  if (!(updates.shape() == expected)) {
    throw Error(fmt::format("[scatter_add] updates are {} for axis {} of {} by {}; they must be {}.",
                            describe(updates), axis, to_string(shape), describe(indices),
                            to_string(expected)));
  }
}

// The number of pairs of an index and a result element beyond which sorting is cheaper than comparing.
constexpr std::int64_t most_products = std::int64_t{1} << 24;
// Limits the loop of one invocation, which adds up all updates if all indices are equal.
constexpr std::int64_t longest_segment = 60'000;

Tensor added_by_comparing(std::int64_t size, const Tensor& indices, const Tensor& rows) {
  const std::int64_t count = rows.size(0), width = rows.size(1);
  const Tensor position = iota(Shape{size, count}, 0, indices.dtype());
  const Tensor hits = equal(position, broadcast_to(reshape(indices, {1, count}), {size, count}));
  // `where` instead of a cast: a comparison has no gradient, which the derivative of a cast would need.
  if (is_float(rows.dtype()) && width > 1) return matmul(where(hits, 1.0f, 0.0f), rows, f32);
  const Shape pairs{size, count, width};
  const Tensor each = broadcast_to(reshape(rows, {1, count, width}), pairs);
  const Tensor chosen = broadcast_to(reshape(hits, {size, count, 1}), pairs);
  return sum(where(chosen, each, zeros_like(each)), {1});
}

// Of `count` indices in parts of equal length: the order of each part's.
Tensor orders_of(const Tensor& indices, std::int64_t parts, std::int64_t length) {
  const double last = indices.dtype() == DType::i32 ? INT32_MAX : UINT32_MAX;
  return argsort(reshape(pad(indices, {{.high = parts * length - indices.count()}}, last), {parts, length}));
}

Tensor added_by_sorting(std::int64_t size, const Tensor& indices, const Tensor& rows) {
  const std::int64_t count = rows.size(0), parts = (count + longest_segment - 1) / longest_segment;
  const std::int64_t length = (count + parts - 1) / parts;
  const Tensor orders = orders_of(indices, parts, length);
  Tensor total;
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t start = part * length, stop = std::min(start + length, count);
    const std::vector<Range> these{{.start = start, .stop = stop}};
    // What fills the last part comes last in its order.
    const Tensor order = slice(orders, {{.start = part, .stop = part + 1}, {.stop = stop - start}});
    const Tensor added =
        apply(scatter_rows_op, {slice(indices, these), reshape(order, {stop - start}), slice(rows, these)},
              {.integers = {size}});
    total = total.defined() ? total + added : added;
  }
  return total;
}

}  // namespace

// Row n of the result is the sum of the rows with index n, in their original order. An invocation computes
// four columns, which share the binary search for the first such row. Operands: indices [count], their
// argsort [count], rows [count, width]; attributes: the size of the result.
constexpr CustomKernel scatter_rows_kernel{
    .body = R"(  int width = shape[1];
  int quads = (width + 3) / 4;
  int row = invocation / quads;
  int column = invocation % quads * 4;
  int low = 0;
  int high = count0;
  while (low < high) {
    int middle = (low + high) / 2;
    if (load0(load1(middle)) < T0(row)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  T a = T(0), b = T(0), c = T(0), d = T(0);
  for (; low < count0; ++low) {
    int source = load1(low);
    if (load0(source) != T0(row)) break;
    int first = source * width + column;
    a += load2(first);
    if (column + 1 < width) b += load2(first + 1);
    if (column + 2 < width) c += load2(first + 2);
    if (column + 3 < width) d += load2(first + 3);
  }
  int first = row * width + column;
  store(first, a);
  if (column + 1 < width) store(first + 1, b);
  if (column + 2 < width) store(first + 2, c);
  if (column + 3 < width) store(first + 3, d);
)",
    .invocations = [](const Node& node) { return node.shape[0] * ((node.shape[1] + 3) / 4); },
    .reference = [](const Node& node, std::span<const std::vector<double>> operands) -> std::vector<double> {
      const auto size = static_cast<double>(node.shape[0]);
      const auto width = static_cast<std::size_t>(node.shape[1]);
      std::vector<double> totals(static_cast<std::size_t>(node.shape.count()), 0);
      for (std::size_t i = 0; i < operands[0].size(); ++i) {
        if (!(operands[0][i] >= 0 && operands[0][i] < size)) continue;
        const auto row = static_cast<std::size_t>(operands[0][i]);
        for (std::size_t j = 0; j < width; ++j) totals[row * width + j] += operands[2][i * width + j];
      }
      return totals;
    }};

const Op scatter_rows_op{
    .name = "scatter_rows",
    .kind = Kind::custom,
    .arity = 3,
    .infer = [](const Node& node) -> Meta {
      return {{node.attributes.integers[0], node.inputs[2].size(1)}, node.inputs[2].dtype()};
    },
    .kernel = &scatter_rows_kernel,
    .vjp = [](const Tensor& y, const Tensor& g) -> std::vector<Tensor> {
      const Tensor& indices = y.node().inputs[0];
      const Tensor inside = indices >= 0 && indices < y.size(0);
      const Tensor picked = gather(g, indices);
      return {Tensor(), Tensor(), where(expand_dims(inside, 1), picked, 0.0f)};
    }};

Tensor scatter_add(const Shape& shape, const Tensor& indices, const Tensor& updates, int axis) {
  const int along = normalize_axis(axis, shape.rank(), "scatter_add");
  check(shape, indices, updates, along);
  if (shape.count() == 0 || indices.count() == 0) return zeros(shape, updates.dtype());
  std::vector<int> scattered, in_front;
  for (int a = 0; a < indices.rank(); ++a) {
    scattered.push_back(along + a);
    in_front.push_back(a);
  }
  const std::int64_t size = shape[along], count = indices.count(), width = shape.count() / size;
  const Tensor rows = reshape(moveaxis(updates, scattered, in_front), {count, width});
  const Tensor flat = reshape(indices, Shape{count});
  const bool is_small = shape.count() <= most_products / count;
  const Tensor added = is_small ? added_by_comparing(size, flat, rows) : added_by_sorting(size, flat, rows);
  Shape moved{size};
  for (int a = 0; a < shape.rank(); ++a) {
    if (a != along) moved.push_back(shape[a]);
  }
  return moveaxis(reshape(added, moved), 0, along);
}

}  // namespace hekla
