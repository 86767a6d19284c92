// check_op lines: gathering by computed indices, and its transpose.
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/scatter.h"
#include "ops/search.h"
#include "ops/segment.h"
#include "ops/sort.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

Operand numbers(const Shape& shape) { return {.shape = shape, .low = -1, .high = 1}; }
Operand indices(const Shape& shape, double low, double high, DType dtype = i32) {
  return {shape, low, high, dtype};
}

Function along(int axis) {
  return [=](const Tensors& x) { return square(take_along_axis(exp(x[0]), x[1], axis)); };
}
Function scattered(const Shape& shape, int axis) {
  return [=](const Tensors& x) { return square(scatter_add(shape, x[1], exp(x[0]), axis)); };
}
Function hot(std::int64_t depth, int axis) {
  return [=](const Tensors& x) { return one_hot(x[0], depth, axis); };
}

}  // namespace

std::vector<Line> indexing_lines() {
  return {
      {"take",
       [](const Tensors& x) { return square(take(x[0], x[1], 1)); },
       {numbers({2, 5, 3}), indices({4}, 0, 4)}},
      {"take without an axis",
       [](const Tensors& x) { return square(take(exp(x[0]), x[1])); },
       {numbers({3, 4}), indices({2, 5}, 0, 11)}},
      {"take without an axis from a scalar",
       [](const Tensors& x) { return square(take(x[0], x[1])); },
       {numbers({}), indices({2}, 0, 0)}},
      {"take_along_axis", along(1), {numbers({3, 5}), indices({3, 4}, 0, 4)}},
      {"take_along_axis 0", along(0), {numbers({5, 3}), indices({7, 3}, 0, 4)}},
      {"take_along_axis in the middle", along(1), {numbers({2, 5, 3}), indices({2, 2, 3}, 0, 4)}},
      {"take_along_axis beyond the ends", along(-1), {numbers({2, 3}), indices({2, 9}, -4, 6)}},
      {"take_along_axis u32 far beyond the end",
       along(-1),
       {numbers({2, 3}), indices({2, 9}, 0, 4294967295.0, u32)}},
      {"take_along_axis with broadcast indices", along(1), {numbers({3, 4}), indices({1, 6}, 0, 3)}},
      {"take_along_axis from a broadcast", along(1), {numbers({1, 4}), indices({3, 2}, 0, 3)}},
      {"take_along_axis of one", along(0), {numbers({1}), indices({5}, 0, 0)}},
      {"take_along_axis of rank 8",
       along(4),
       {numbers({1, 2, 1, 1, 3, 1, 2, 1}), indices({1, 2, 1, 1, 2, 1, 2, 1}, 0, 2)}},
      {"take_along_axis nothing", along(0), {numbers({3, 2}), indices({0, 2}, 0, 0)}},
      {"take_along_axis more rows than a dispatch has",
       [](const Tensors& x) { return take_along_axis(x[0], x[1], 1); },
       {numbers({70'000, 3}), indices({70'000, 1}, 0, 2)},
       no_derivatives},
      {"take_along_axis u8",
       [](const Tensors& x) { return take_along_axis(x[0], x[1], 1); },
       {{{3, 5}, 0, 255, u8}, indices({3, 7}, 0, 4)},
       no_derivatives},
      {"scatter_add", scattered({6, 3}, 0), {numbers({4, 3}), indices({4}, 0, 5)}},
      {"scatter_add in the middle", scattered({2, 5, 3}, 1), {numbers({2, 7, 3}), indices({7}, 0, 4)}},
      {"scatter_add the last axis by a matrix",
       scattered({2, 5}, -1),
       {numbers({2, 3, 2}), indices({3, 2}, 0, 4)}},
      {"scatter_add to a vector", scattered({5}, 0), {numbers({37}), indices({37}, 0, 4)}},
      {"scatter_add one row", scattered({5, 2}, 0), {numbers({2}), indices({}, 0, 4)}},
      {"scatter_add outside", scattered({4, 2}, 0), {numbers({30, 2}), indices({30}, -5, 9)}},
      {"scatter_add u32 outside", scattered({4}, 0), {numbers({30}), indices({30}, 0, 9, u32)}},
      {"scatter_add to a large table, with indices outside",
       scattered({40'000, 8}, 0),
       {numbers({60, 8}), indices({60}, -3, 40'002)},
       {.derivatives = 1}},
      {"scatter_add to a large table, all to one row",
       [](const Tensors& x) {
         return scatter_add({40'000, 8}, x[1], x[0]);
       },
       {numbers({60, 8}), indices({60}, 7, 7)},
       {.derivatives = 1}},
      {"scatter_rows of u32 with indices outside",
       [](const Tensors& x) { return scatter_add({300'000}, x[1], x[0]); },
       {{{600}, 0, 4294967295.0, u32}, indices({600}, 0, 400'000, u32)},
       no_derivatives},
      {"scatter_set",
       [](const Tensors& x) { return square(scatter_set(x[0], x[2], exp(x[1]))); },
       {numbers({4, 3}), numbers({5, 3}), indices({5}, -1, 4)}},
      {"scatter_set in the middle by sorting",
       [](const Tensors& x) { return scatter_set(x[0], x[2], x[1], 1); },
       {numbers({2, 3000, 3}), numbers({2, 2900, 3}), indices({2900}, 0, 2999)},
       no_derivatives},
      {"scatter_max",
       [](const Tensors& x) { return square(scatter_max(exp(x[0]), x[2], exp(x[1]))); },
       {numbers({4, 3}), numbers({7, 3}), indices({7}, -1, 4)}},
      {"scatter_max ties",
       [](const Tensors& x) { return square(scatter_max(x[0], x[2], x[1])); },
       {numbers({4}), numbers({20}), indices({20}, 0, 3)},
       ties},
      {"scatter_min",
       [](const Tensors& x) { return square(scatter_min(exp(x[0]), x[2], exp(x[1]), 1)); },
       {numbers({2, 4}), numbers({2, 7}), indices({7}, 0, 3)}},
      {"scatter_largest to a large table",
       [](const Tensors& x) {
         return sum(square(scatter_max(zeros({40'000, 10}), x[1], exp(x[0]))));
       },
       {numbers({60, 10}), indices({60}, -3, 10)},
       {.derivatives = 1}},
      {"scatter_largest of u32 to a large table",
       [](const Tensors& x) { return scatter_max(zeros({300'000}, u32), x[1], x[0]); },
       {{{600}, 0, 4294967295.0, u32}, indices({600}, 0, 40, u32)},
       no_derivatives},
      {"scatter_mean",
       [](const Tensors& x) {
         return square(scatter_mean({5, 3}, x[1], exp(x[0])));
       },
       {numbers({7, 3}), indices({7}, -1, 3)}},
      {"segment_sum",
       [](const Tensors& x) { return square(segment_sum(exp(x[0]), x[1], 3)); },
       {numbers({7}), indices({7}, 0, 3)}},
      {"segment_mean",
       [](const Tensors& x) { return square(segment_mean(exp(x[0]), x[1], 4)); },
       {numbers({7}), indices({7}, 0, 2)}},
      {"segment_max",
       [](const Tensors& x) { return exp(segment_max(x[0], x[1], 4)); },
       {numbers({7, 2}), indices({7}, 0, 2)}},
      {"segment_min",
       [](const Tensors& x) { return exp(-segment_min(x[0], x[1], 4)); },
       {numbers({7, 2}), indices({7}, 0, 2)}},
      {"segment_softmax",
       [](const Tensors& x) { return square(segment_softmax(x[0], x[1], 3)); },
       {numbers({7, 2}), indices({7}, 0, 3)}},
      {"searchsorted",
       [](const Tensors& x) { return searchsorted(sort(x[0]), x[1]); },
       {numbers({2, 40}), numbers({2, 30})},
       ties_no_derivatives},
      {"searchsorted behind equals",
       [](const Tensors& x) { return searchsorted(sort(x[0]), x[1], Side::right); },
       {{{40}, 0, 9, i32}, {{3, 5}, -1, 10, i32}},
       no_derivatives},
      {"bincount",
       [](const Tensors& x) { return bincount(x[0], 5, exp(x[1])); },
       {indices({3, 4}, 0, 5), numbers({3, 4})}},
      {"histogram",
       [](const Tensors& x) { return histogram(x[0], 5, -1, 1).counts; },
       {numbers({3, 70})},
       no_derivatives},
      {"scatter_add nothing", scattered({4, 2}, 0), {numbers({0, 2}), indices({0}, 0, 3)}},
      {"scatter_add to nothing", scattered({0, 2}, 0), {numbers({3, 2}), indices({3}, 0, 3)}},
      {"scatter_add i32",
       [](const Tensors& x) {
         return scatter_add({4, 3}, x[1], x[0]);
       },
       {{{9, 3}, -1000, 1000, i32}, indices({9}, 0, 3)},
       no_derivatives},
      {"scatter_add u32 that wraps around",
       [](const Tensors& x) { return scatter_add({2}, x[1], x[0]); },
       {{{9}, 0, 4294967295.0, u32}, indices({9}, 0, 1)},
       no_derivatives},
      {"one_hot along the first axis", hot(4, 0), {indices({6}, 0, 3)}},
      {"one_hot along a middle axis", hot(3, 1), {indices({2, 5}, -1, 3)}},
      {"one_hot of rank 7", hot(3, -3), {indices({1, 2, 1, 2, 1, 2, 1}, 0, 2)}},
  };
}

}  // namespace hekla::testing
