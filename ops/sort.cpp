// argsort computes a permutation; sort and top_k gather by it. Everything works on rows [rows, n], with n
// along the axis.
#include "ops/sort.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>

#include "graph/error.h"
#include "graph/origin.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "ops/view.h"

namespace hekla {

namespace {

// Maps a float to an i32 that preserves the order and is the same for both zeros. NaN maps to the largest,
// since float comparisons do not order it.
const Op order_op{.name = "order",
                  .kind = Kind::elementwise,
                  .arity = 1,
                  .infer = [](const Node& node) -> Meta {
                    return {float_operands(node).shape, DType::i32};
                  },
                  .glsl = "hk_order({0})",
                  .glsl_functions = R"(int hk_order(float x) {
  int bits = floatBitsToInt(x);
  int size = bits & 0x7fffffff;
  return size > 0x7f800000 ? 0x7fffffff : bits < 0 ? -size : size;
}
)",
                  .eval = [](std::span<const double> x, DType) -> double {
                    if (std::isnan(x[0])) return INT32_MAX;
                    const auto size = std::bit_cast<std::int32_t>(static_cast<float>(std::fabs(x[0])));
                    return x[0] < 0 ? -size : size;
                  },
                  .cost = 4};

// Integer keys whose ascending order is the requested order.
Tensor keys_of(const Tensor& x, Order order) {
  const Tensor numbers = x.dtype() == DType::u8    ? cast(x, DType::i32)
                         : x.dtype() == DType::f32 ? apply(order_op, {x})
                                                   : x;
  return order == Order::ascending ? numbers : reverse_order(numbers);
}

// Measured on llvmpipe with two million keys: comparing each with each of a block costs 1 ns a comparison, merging
// two blocks about 20 ns a key.
constexpr std::int64_t merged_block = 64;
constexpr std::int64_t round_block = 128;
constexpr std::int64_t few_of_block = 32;
// What one invocation merges after one search.
constexpr std::int64_t merged_together = 8;

double largest(DType dtype) { return dtype == DType::i32 ? INT32_MAX : UINT32_MAX; }

// Positions of the `count` smallest keys in each row. The rank of an element is the number of elements that
// come before it.
Tensor order_by_rank(const Tensor& keys, std::int64_t count) {
  const std::int64_t rows = keys.size(0), n = keys.size(1);
  const Shape pairs{rows, n, n};
  const Tensor one = broadcast_to(reshape(keys, {rows, n, 1}), pairs);
  const Tensor other = broadcast_to(reshape(keys, {rows, 1, n}), pairs);
  const Tensor comes_first = iota(pairs, 2) < iota(pairs, 1);
  const Tensor before = other < one || (comes_first && other == one);
  const Tensor place = sum(where(before, constant(1, {}, DType::i32), 0), {2});
  const Shape places{rows, count, n};
  const Tensor here = equal(iota(places, 1), broadcast_to(reshape(place, {rows, 1, n}), places));
  return sum(where(here, iota(places, 2), 0), {2});
}

// Rows divided into blocks of `size` elements.
struct Blocks {
  Tensor keys;  // [rows * per_row, size], with the largest key behind each row's last
  std::int64_t per_row;
  std::int64_t size;
};

Blocks in_blocks(const Tensor& keys, std::int64_t per_row, std::int64_t size) {
  const std::int64_t rows = keys.size(0), n = keys.size(1), row = per_row * size;
  if (row > INT32_MAX / rows)
    throw Error(fmt::format("[argsort] {} rows of {} elements; positions are counted in i32.", rows, n));
  const Tensor filled = pad(keys, {{}, {.high = row - n}}, largest(keys.dtype()));
  return {reshape(filled, {rows * per_row, size}), per_row, size};
}

// From positions in the blocks to positions in all of their elements.
Tensor in_all(const Tensor& order, const Blocks& blocks) {
  return order + iota(order.shape(), 0) * blocks.size;
}

Tensor flat(const Tensor& x) { return reshape(x, Shape{x.count()}); }

std::int64_t divide_up(std::int64_t n, std::int64_t by) { return (n + by - 1) / by; }

// The first of a few are the first of the first of each block. Elements behind the end of a row have the largest key
// and come last, since the order is stable.
Tensor order_by_rounds(Tensor keys, std::int64_t count) {
  const std::int64_t rows = keys.size(0);
  Tensor positions;
  while (keys.size(1) > sort_by_rank) {
    const Blocks blocks = in_blocks(keys, divide_up(keys.size(1), round_block), round_block);
    const Tensor order = order_by_rank(blocks.keys, count);
    const Tensor found = in_all(order, blocks);
    const Shape left{rows, blocks.per_row * count};
    if (positions.defined()) {
      const Tensor filled = pad(positions, {{}, {.high = blocks.per_row * blocks.size - positions.size(1)}});
      positions = reshape(gather(flat(filled), flat(found)), left);
    } else {
      positions = reshape(order + iota(order.shape(), 0) % blocks.per_row * blocks.size, left);
    }
    keys = reshape(gather(flat(blocks.keys), flat(found)), left);
  }
  const Tensor last = order_by_rank(keys, count);
  return reshape(gather(flat(positions), flat(last + iota(last.shape(), 0) * keys.size(1))), last.shape());
}

Tensor order_by_merging(const Tensor& keys, std::int64_t count) {
  const std::int64_t rows = keys.size(0), n = keys.size(1);
  const auto per_row =
      static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(divide_up(n, merged_block))));
  const std::int64_t size = divide_up(divide_up(n, per_row), merged_together) * merged_together;
  const Blocks blocks = in_blocks(keys, per_row, size);
  Tensor positions = flat(in_all(order_by_rank(blocks.keys, size), blocks));
  Tensor sorted = gather(flat(blocks.keys), positions);
  const std::int64_t row = per_row * size;
  for (std::int64_t half = size; half < row; half *= 2) {
    // The size is data, so that one kernel serves all sizes.
    const Tensor source =
        apply(merge_op, {sorted, tensor(std::vector<std::int32_t>{static_cast<std::int32_t>(half)})},
              {.integers = {merged_together}});
    sorted = gather(sorted, source);
    positions = gather(positions, source);
  }
  const Tensor in_rows = reshape(positions, {rows, row});
  return slice(in_rows - iota(in_rows.shape(), 0) * row, {{}, {.stop = count}});
}

// The positions of the `count` smallest elements along `axis`, in the shape of x except for the size of the
// axis.
Tensor first_in_order(const Tensor& x, std::int64_t count, int axis, Order order) {
  Shape shape = x.shape();
  shape[axis] = count;
  if (shape.count() == 0) return zeros(shape, DType::i32);
  const std::int64_t n = x.size(axis);
  const Tensor keys = reshape(moveaxis(keys_of(x, order), axis, -1), {x.count() / n, n});
  const Tensor found = n <= sort_by_rank       ? order_by_rank(keys, count)
                       : count <= few_of_block ? order_by_rounds(keys, count)
                                               : order_by_merging(keys, count);
  Shape moved;
  for (int a = 0; a < x.rank(); ++a) {
    if (a != axis) moved.push_back(x.size(a));
  }
  moved.push_back(count);
  return with_origin(moveaxis(reshape(found, moved), -1, axis),
                     {"top_k", {x}, {.integers = {count, axis, order == Order::descending ? 1 : 0}}});
}

int checked_axis(const Tensor& x, int axis, std::string_view op) {
  const int along = normalize_axis(axis, x.rank(), op);
  if (!is_arithmetic(x.dtype()) && x.dtype() != DType::u8) {
    throw Error(
        fmt::format("[{}] does not take {}; it takes f32, i32, u32 or u8 (see hk::cast).", op, describe(x)));
  }
  return along;
}

// Gathers `elements` (a vector) by a permutation [outer, n, inner] of each column.
Tensor permuted(const Tensor& elements, const Tensor& order) {
  const Shape shape = order.shape();
  const Tensor position = (iota(shape, 0) * shape[1] + order) * shape[2] + iota(shape, 2);
  return apply(sort_op, {elements, position}, {.integers = {0}});
}

}  // namespace

// The source of each key when sorted blocks are merged pairwise. Operands: the keys, the size of a block;
// attributes: how many keys an invocation merges. Of the first k keys of a merged pair, i come from the left
// block, where i is the largest number with left[i - 1] <= right[k - i]. A binary search finds i for the first of
// the invocation's keys. Made of operations, the search would need a kernel for every few halvings, each over all
// elements; this is one kernel with short loops.
constexpr CustomKernel merge_kernel{
    .body = R"(  int size = load1(0);
  int together = integers[0];
  int begin = invocation * together;
  int k = begin % (2 * size);
  int left = begin - k;
  int right = left + size;
  int low = max(k - size, 0);
  int high = min(k, size);
  while (low < high) {
    int middle = (low + high) / 2;
    if (load0(left + middle) <= load0(right + k - 1 - middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  int i = left + low;
  int j = right + k - low;
  for (int n = 0; n < together; ++n) {
    bool from_left = i < right && (j >= right + size || load0(i) <= load0(j));
    store(begin + n, from_left ? i : j);
    if (from_left) {
      ++i;
    } else {
      ++j;
    }
  })",
    .invocations = [](const Node& node) { return node.shape.count() / merged_together; },
    .reference = [](const Node&, std::span<const std::vector<double>> operands) -> std::vector<double> {
      const std::vector<double>& keys = operands[0];
      const auto size = static_cast<std::size_t>(operands[1][0]);
      std::vector<double> sources;
      for (std::size_t left = 0; left < keys.size(); left += 2 * size) {
        std::size_t i = left, j = left + size;
        while (sources.size() < left + 2 * size) {
          const bool from_left = i < left + size && (j == left + 2 * size || keys[i] <= keys[j]);
          sources.push_back(static_cast<double>(from_left ? i++ : j++));
        }
      }
      return sources;
    }};

const Op merge_op{.name = "merge",
                  .kind = Kind::custom,
                  .arity = 2,
                  .infer = [](const Node& node) -> Meta {
                    return {node.inputs[0].shape(), DType::i32};
                  },
                  .kernel = &merge_kernel};

// Gathers from the flattened elements [outer * n * inner] by positions [outer, n, inner] that permute each
// column; attributes: the axis to gather from, which is 0.
const Op sort_op{.name = "sort",
                 .kind = Kind::gather,
                 .arity = 2,
                 .infer = [](const Node& node) -> Meta {
                   return {node.inputs[1].shape(), node.inputs[0].dtype()};
                 },
                 .vjp = [](const Tensor& y, const Tensor& g) -> std::vector<Tensor> {
                   const Shape& from = y.node().inputs[0].shape();
                   // The argsort of a permutation is its inverse.
                   const Tensor back = argsort(y.node().inputs[1], 1);
                   return {reshape(permuted(reshape(g, from), back), from), Tensor()};
                 }};

Tensor argsort(const Tensor& x, int axis, Order order) {
  const int along = checked_axis(x, axis, "argsort");
  return first_in_order(x, x.size(along), along, order);
}

Tensor sort(const Tensor& x, int axis, Order order) {
  const int along = checked_axis(x, axis, "sort");
  if (x.count() == 0) return x;
  if (x.count() > INT32_MAX)
    throw Error(
        fmt::format("[sort] {} elements of {}; positions are counted in i32.", x.count(), describe(x)));
  std::int64_t outer = 1, inner = 1;
  for (int a = 0; a < along; ++a) outer *= x.size(a);
  for (int a = along + 1; a < x.rank(); ++a) inner *= x.size(a);
  const Tensor found = reshape(first_in_order(x, x.size(along), along, order), {outer, x.size(along), inner});
  return reshape(permuted(reshape(x, Shape{x.count()}), found), x.shape());
}

TopK top_k(const Tensor& x, std::int64_t k, int axis) {
  const int along = checked_axis(x, axis, "top_k");
  if (k < 0 || k > x.size(along)) {
    throw Error(
        fmt::format("[top_k] {} of the {} elements on axis {} of {}; k lies between 0 and their number.", k,
                    x.size(along), axis, describe(x)));
  }
  const Tensor indices = first_in_order(x, k, along, Order::descending);
  return {take_along_axis(x, indices, along), indices};
}

}  // namespace hekla
