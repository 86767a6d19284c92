// check_op lines: sorting, by rank and by merging, with and without ties.
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/sort.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

Operand numbers(const Shape& shape) { return {.shape = shape, .low = -3, .high = 3}; }

Function sorted(int axis, Order order = Order::ascending) {
  return [=](const Tensors& x) { return square(sort(exp(x[0]), axis, order)); };
}
Function ordered(int axis, Order order = Order::ascending) {
  return [=](const Tensors& x) { return argsort(x[0], axis, order); };
}
Function top(std::int64_t k, int axis) {
  return [=](const Tensors& x) { return square(top_k(exp(x[0]), k, axis).values); };
}
Function top_positions(std::int64_t k, int axis) {
  return [=](const Tensors& x) { return top_k(x[0], k, axis).indices; };
}

}  // namespace

std::vector<Line> sort_lines() {
  std::vector<Line> lines{
      {"sort", sorted(0), {numbers({7})}},
      {"order", ordered(0), {numbers({50})}, no_derivatives},
      {"sort descending", sorted(0, Order::descending), {numbers({7})}},
      {"sort rows", sorted(-1), {numbers({4, 5})}},
      {"sort columns", sorted(0, Order::descending), {numbers({5, 3})}},
      {"sort a middle axis", sorted(1), {numbers({2, 6, 3})}},
      {"sort rank 8", sorted(3), {numbers({1, 2, 1, 3, 1, 2, 1, 1})}},
      {"sort one element", sorted(0), {numbers({1, 3})}},
      {"sort no elements", sorted(0), {numbers({0, 3})}},
      {"sort rows of no elements", sorted(1), {numbers({3, 0})}},
      {"sort equals", sorted(-1), {numbers({3, 20})}, ties},
      {"sort to the limit of ranks", sorted(0), {numbers({sort_by_rank})}, {.derivatives = 1}},
      {"sort by merging", sorted(0), {numbers({sort_by_rank + 1})}, {.derivatives = 1}},
      {"sort by merging four blocks",
       [](const Tensors& x) { return sort(x[0], 1, Order::descending); },
       {numbers({2, 1301})},
       no_derivatives},
      {"merge four blocks of two rows", ordered(1), {numbers({2, 1301})}, no_derivatives},
      {"argsort", ordered(0), {numbers({50})}, no_derivatives},
      {"argsort equals", ordered(1), {numbers({3, 40})}, ties_no_derivatives},
      {"argsort equals descending", ordered(0, Order::descending), {numbers({40, 2})}, ties_no_derivatives},
      {"argsort equals by merging", ordered(1), {numbers({2, 1100})}, ties_no_derivatives},
      {"argsort equals descending by merging",
       ordered(0, Order::descending),
       {numbers({601, 2})},
       ties_no_derivatives},
      {"argsort i32", ordered(0), {{{60}, -2147483648.0, 2147483647.0, i32}}},
      {"argsort i32 descending", ordered(0, Order::descending), {{{60}, -2147483648.0, 2147483647.0, i32}}},
      {"argsort u32 by merging", ordered(0), {{{700}, 0, 4294967295.0, u32}}},
      {"argsort u8", ordered(0, Order::descending), {{{60}, 0, 9, u8}}},
      {"argsort more rows than a dispatch has", ordered(1), {numbers({70'000, 3})}, no_derivatives},
      {"sort u8", [](const Tensors& x) { return sort(x[0]); }, {{{3, 60}, 0, 255, u8}}},
      {"top_k", top(3, -1), {numbers({4, 9})}},
      {"top_k columns", top(2, 0), {numbers({5, 3})}},
      {"top_k all", top(4, -1), {numbers({4})}},
      {"top_k none", top(0, -1), {numbers({2, 4})}},
      {"top_k by merging", top(5, 0), {numbers({1030})}, {.derivatives = 1}},
      {"top_k equals", top_positions(6, 1), {numbers({3, 20})}, ties_no_derivatives},
      {"top_k positions by merging", top_positions(6, 1), {numbers({2, 600})}, ties_no_derivatives},
  };
  return lines;
}

}  // namespace hekla::testing
