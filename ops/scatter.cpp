// Scattering without atomics: each output element is accumulated by one invocation in a fixed order, so the
// result is deterministic. Small cases compare every index with every position. Large ones sort the indices, and
// each position finds its own by binary search.
#include "ops/scatter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/custom_gradient.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "ops/sort.h"
#include "ops/view.h"

namespace hekla {

namespace {

void check(std::string_view op, const Shape& shape, const Tensor& indices, const Tensor& updates, int axis) {
  if (indices.dtype() != DType::i32 && indices.dtype() != DType::u32) {
    throw Error(
        fmt::format("[{}] indices are {}; they must be i32 or u32 (see hk::cast).", op, describe(indices)));
  }
  Shape expected;
  for (int a = 0; a < axis; ++a) expected.push_back(shape[a]);
  for (const std::int64_t size : indices.shape()) expected.push_back(size);
  for (int a = axis + 1; a < shape.rank(); ++a) expected.push_back(shape[a]);
  if (!(updates.shape() == expected)) {
    throw Error(fmt::format("[{}] updates are {} for axis {} of {} by {}; they must be {}.", op,
                            describe(updates), axis, to_string(shape), describe(indices),
                            to_string(expected)));
  }
}

void check_arithmetic(std::string_view op, const Tensor& updates) {
  if (is_arithmetic(updates.dtype())) return;
  throw Error(fmt::format("[{}] updates are {}; they must be f32, i32 or u32 (see hk::cast).", op,
                          describe(updates)));
}

void check_same_dtype(std::string_view op, const Tensor& x, const Tensor& updates) {
  if (x.dtype() == updates.dtype()) return;
  throw Error(fmt::format("[{}] updates are {} for {}; they must have its dtype (see hk::cast).", op,
                          describe(updates), describe(x)));
}

// The axis in front, all others flattened behind it.
Tensor as_rows(const Tensor& x, int axis) {
  return reshape(moveaxis(x, axis, 0), Shape{x.size(axis), x.count() / x.size(axis)});
}

// The updates as rows, one for each of the flattened indices.
Tensor rows_of(const Tensor& updates, const Tensor& indices, int axis) {
  std::vector<int> scattered, in_front;
  for (int a = 0; a < indices.rank(); ++a) {
    scattered.push_back(axis + a);
    in_front.push_back(a);
  }
  const std::int64_t count = indices.count();
  return reshape(moveaxis(updates, scattered, in_front), {count, updates.count() / count});
}

// The inverse of as_rows.
Tensor from_rows(const Tensor& rows, const Shape& shape, int axis) {
  Shape moved{shape[axis]};
  for (int a = 0; a < shape.rank(); ++a) {
    if (a != axis) moved.push_back(shape[a]);
  }
  return moveaxis(reshape(rows, moved), 0, axis);
}

Tensor flat(const Tensor& indices) { return reshape(indices, Shape{indices.count()}); }

// The number of pairs of an index and a result element beyond which sorting is cheaper than comparing.
constexpr std::int64_t most_products = std::int64_t{1} << 24;
// Limits the loop of one invocation, which adds up all updates if all indices are equal.
constexpr std::int64_t longest_segment = 60'000;

// For each position and each index [size, count], whether they are equal.
Tensor hits_of(std::int64_t size, const Tensor& indices) {
  const Shape pairs{size, indices.count()};
  const Tensor position = iota(pairs, 0, indices.dtype());
  return equal(position, broadcast_to(reshape(indices, {1, indices.count()}), pairs));
}

Tensor added_by_comparing(std::int64_t size, const Tensor& indices, const Tensor& rows) {
  const std::int64_t count = rows.size(0), width = rows.size(1);
  const Tensor hits = hits_of(size, indices);
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

// `op` over parts of the updates, whose results are combined.
Tensor scattered_by_sorting(const Op& op, Tensor (*combine)(const Tensor&, const Tensor&), double neutral,
                            std::int64_t size, const Tensor& indices, const Tensor& rows) {
  const std::int64_t count = rows.size(0), parts = (count + longest_segment - 1) / longest_segment;
  const std::int64_t length = (count + parts - 1) / parts;
  const Tensor orders = orders_of(indices, parts, length);
  const bool is_largest = &op == &scatter_largest_op;
  Tensor total;
  for (std::int64_t part = 0; part < parts; ++part) {
    const std::int64_t start = part * length, stop = std::min(start + length, count);
    const std::vector<Range> these{{.start = start, .stop = stop}};
    // What fills the last part comes last in its order.
    const Tensor order = slice(orders, {{.start = part, .stop = part + 1}, {.stop = stop - start}});
    const Tensor scattered =
        apply(op, {slice(indices, these), reshape(order, {stop - start}), slice(rows, these)},
              {.integers = {size, is_largest ? 1 : 0}, .number = neutral});
    total = total.defined() ? combine(total, scattered) : scattered;
  }
  return total;
}

bool is_small(std::int64_t size, const Tensor& rows) {
  return size * rows.size(1) <= most_products / rows.size(0);
}

double lowest(DType dtype) {
  return dtype == DType::f32 ? -std::numeric_limits<double>::infinity() : dtype == DType::i32 ? INT32_MIN : 0;
}

// The largest row elements for each position; the lowest number where there are none. No gradient.
Tensor largest_rows(std::int64_t size, const Tensor& indices, const Tensor& rows) {
  const double least = lowest(rows.dtype());
  if (!is_small(size, rows))
    return scattered_by_sorting(scatter_largest_op, maximum, least, size, indices, rows);
  const std::int64_t count = rows.size(0), width = rows.size(1);
  const Shape pairs{size, count, width};
  const Tensor each = broadcast_to(reshape(rows, {1, count, width}), pairs);
  const Tensor chosen = broadcast_to(reshape(hits_of(size, indices), {size, count, 1}), pairs);
  return max(where(chosen, each, constant(least, {}, rows.dtype())), {1});
}

// Rows picked by `indices`, zeros where they are outside.
Tensor rows_at(const Tensor& x, const Tensor& indices) {
  const Tensor inside = indices >= 0 && indices < x.size(0);
  return where(expand_dims(inside, 1), gather(x, indices), constant(0, {}, x.dtype()));
}

// The same with a gradient, which the largest of equal indices share.
Tensor largest_with_gradient(std::int64_t size, const Tensor& indices, const Tensor& rows) {
  if (!is_float(rows.dtype())) return largest_rows(size, indices, rows);
  const Composite scattered = with_gradient(
      [=](const std::vector<Tensor>& in) { return largest_rows(size, indices, in[0]); },
      [=](const std::vector<Tensor>& in, const Tensor& y, const Tensor& g) -> std::vector<Tensor> {
        // Of a NaN, every comparison is false.
        const Tensor wins = where(in[0] < rows_at(y, indices), 0.0f, 1.0f);
        const Tensor winners = scatter_add(y.shape(), indices, wins);
        return {wins * rows_at(g / maximum(winners, 1), indices)};
      },
      "scatter_max");
  return scattered({rows});
}

}  // namespace

// Row n of the result folds the rows with index n, in their original order: it is their sum or holds their largest
// elements. An invocation computes four columns, which share the binary search for the first such row. Operands:
// indices [count], their argsort [count], rows [count, width]; attributes: the size of the result, 1 for the largest
// elements, and as the number what an empty row holds.
namespace {

constexpr std::string_view fold_rows = R"(  int width = shape[1];
  int quads = (width + 3) / 4;
  int row = invocation / quads;
  int column = invocation % quads * 4;
  bool is_sum = integers[1] == 0;
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
  T a = T(number), b = a, c = a, d = a;
  for (; low < count0; ++low) {
    int source = load1(low);
    if (load0(source) != T0(row)) break;
    int first = source * width + column;
    T next = load2(first);
    a = is_sum ? a + next : next > a || next != next ? next : a;
    if (column + 1 < width) {
      next = load2(first + 1);
      b = is_sum ? b + next : next > b || next != next ? next : b;
    }
    if (column + 2 < width) {
      next = load2(first + 2);
      c = is_sum ? c + next : next > c || next != next ? next : c;
    }
    if (column + 3 < width) {
      next = load2(first + 3);
      d = is_sum ? d + next : next > d || next != next ? next : d;
    }
  }
  int first = row * width + column;
  store(first, a);
  if (column + 1 < width) store(first + 1, b);
  if (column + 2 < width) store(first + 2, c);
  if (column + 3 < width) store(first + 3, d);
)";

std::int64_t invocations(const Node& node) { return node.shape[0] * ((node.shape[1] + 3) / 4); }

template <class Combine>
std::vector<double> folded_rows(const Node& node, std::span<const std::vector<double>> operands,
                                const Combine& combine) {
  const auto size = static_cast<double>(node.shape[0]);
  const auto width = static_cast<std::size_t>(node.shape[1]);
  std::vector<double> folded(static_cast<std::size_t>(node.shape.count()), node.attributes.number);
  for (std::size_t i = 0; i < operands[0].size(); ++i) {
    if (!(operands[0][i] >= 0 && operands[0][i] < size)) continue;
    const auto row = static_cast<std::size_t>(operands[0][i]);
    for (std::size_t j = 0; j < width; ++j)
      folded[row * width + j] = combine(folded[row * width + j], operands[2][i * width + j]);
  }
  return folded;
}

Meta folded_rule(const Node& node) {
  return {{node.attributes.integers[0], node.inputs[2].size(1)}, node.inputs[2].dtype()};
}

}  // namespace

constexpr CustomKernel scatter_rows_kernel{
    .body = fold_rows,
    .invocations = invocations,
    .reference = [](const Node& node, std::span<const std::vector<double>> operands) {
      return folded_rows(node, operands, [](double a, double b) { return a + b; });
    }};

const Op scatter_rows_op{.name = "scatter_rows",
                         .kind = Kind::custom,
                         .arity = 3,
                         .infer = folded_rule,
                         .kernel = &scatter_rows_kernel,
                         .vjp = [](const Tensor& y, const Tensor& g) -> std::vector<Tensor> {
                           return {Tensor(), Tensor(), rows_at(g, y.node().inputs[0])};
                         }};

constexpr CustomKernel scatter_largest_kernel{
    .body = fold_rows,
    .invocations = invocations,
    .reference = [](const Node& node, std::span<const std::vector<double>> operands) {
      return folded_rows(node, operands, [](double a, double b) { return std::isnan(b) || b > a ? b : a; });
    }};

// Its gradient is that of largest_with_gradient.
const Op scatter_largest_op{.name = "scatter_largest",
                            .kind = Kind::custom,
                            .arity = 3,
                            .infer = folded_rule,
                            .kernel = &scatter_largest_kernel};

Tensor scatter_add(const Shape& shape, const Tensor& indices, const Tensor& updates, int axis) {
  const int along = normalize_axis(axis, shape.rank(), "scatter_add");
  check("scatter_add", shape, indices, updates, along);
  check_arithmetic("scatter_add", updates);
  if (shape.count() == 0 || indices.count() == 0) return zeros(shape, updates.dtype());
  const Tensor rows = rows_of(updates, indices, along);
  const std::int64_t size = shape[along];
  const Tensor added = is_small(size, rows)
                           ? added_by_comparing(size, flat(indices), rows)
                           : scattered_by_sorting(scatter_rows_op, add, 0, size, flat(indices), rows);
  return from_rows(added, shape, along);
}

Tensor scatter_mean(const Shape& shape, const Tensor& indices, const Tensor& updates, int axis) {
  const int along = normalize_axis(axis, shape.rank(), "scatter_mean");
  check("scatter_mean", shape, indices, updates, along);
  if (updates.dtype() != DType::f32)
    throw Error(fmt::format("[scatter_mean] updates are {}; they must be f32.", describe(updates)));
  const Tensor counts = scatter_add({shape[along]}, flat(indices), ones({indices.count()}));
  Shape aligned = shape;
  for (int a = 0; a < shape.rank(); ++a) aligned[a] = a == along ? shape[a] : 1;
  return scatter_add(shape, indices, updates, along) / reshape(maximum(counts, 1), aligned);
}

Tensor scatter_set(const Tensor& x, const Tensor& indices, const Tensor& updates, int axis) {
  const int along = normalize_axis(axis, x.rank(), "scatter_set");
  check("scatter_set", x.shape(), indices, updates, along);
  check_same_dtype("scatter_set", x, updates);
  if (x.count() == 0 || indices.count() == 0) return x;
  const std::int64_t size = x.size(along), count = indices.count();
  // For each position, that of its last index, or -1.
  const Tensor numbers = reshape(arange(count), Shape{count, 1});
  const Tensor last = reshape(maximum(largest_rows(size, flat(indices), numbers), -1), Shape{size});
  const Tensor old = as_rows(x, along);
  const Tensor written = gather(rows_of(updates, indices, along), last);
  return from_rows(where(expand_dims(last >= 0, 1), written, old), x.shape(), along);
}

namespace {

Tensor scattered_extreme(std::string_view op, const Tensor& x, const Tensor& indices, const Tensor& updates,
                         int axis, bool is_smallest) {
  const int along = normalize_axis(axis, x.rank(), op);
  check(op, x.shape(), indices, updates, along);
  check_arithmetic(op, updates);
  check_same_dtype(op, x, updates);
  if (x.count() == 0 || indices.count() == 0) return x;
  const auto ordered = [&](const Tensor& y) { return is_smallest ? reverse_order(y) : y; };
  const Tensor rows = rows_of(ordered(updates), indices, along);
  const Tensor largest = largest_with_gradient(x.size(along), flat(indices), rows);
  return ordered(maximum(ordered(x), from_rows(largest, x.shape(), along)));
}

}  // namespace

Tensor scatter_max(const Tensor& x, const Tensor& indices, const Tensor& updates, int axis) {
  return scattered_extreme("scatter_max", x, indices, updates, axis, false);
}

Tensor scatter_min(const Tensor& x, const Tensor& indices, const Tensor& updates, int axis) {
  return scattered_extreme("scatter_min", x, indices, updates, axis, true);
}

}  // namespace hekla
