// check_op lines: matrix products and gather.
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

Operand numbers(const Shape& shape) { return {.shape = shape, .low = -1, .high = 1}; }
Operand indices(const Shape& shape, double low, double high, DType dtype = i32) {
  return {shape, low, high, dtype};
}

Tensor product(const Tensors& x) { return matmul(x[0], x[1]); }

Function picked(int axis) {
  return [=](const Tensors& x) { return square(gather(x[0], x[1], axis)); };
}

Function hot(std::int64_t depth) {
  return [=](const Tensors& x) { return one_hot(x[0], depth); };
}

void add_matmuls(std::vector<Line>& lines) {
  // Second derivatives are again products of the same forms, so one line checks them.
  lines.push_back({"matmul 2 x 3 x 4", product, {numbers({2, 3}), numbers({3, 4})}});
  lines.push_back({"matmul batches of 2 x 3 x 4", product, {numbers({5, 2, 3}), numbers({5, 3, 4})}});
  const auto add = [&](const std::string& name, const Shape& a, const Shape& b) {
    lines.push_back({"matmul " + name, product, {numbers(a), numbers(b)}, {.derivatives = 1}});
  };
  add("1 x 1 x 1", {1, 1}, {1, 1});
  add("odd sizes", {7, 5}, {5, 3});
  add("more odd sizes", {33, 17}, {17, 65});
  add("a row", {1, 8}, {8, 8});
  add("a column", {5, 7}, {7, 1});
  add("an outer product", {9, 1}, {1, 6});
  add("an inner product", {1, 100}, {100, 1});
  add("whole tiles", {64, 64}, {64, 64});
  add("a tile and a bit", {36, 68}, {68, 132});
  add("batch", {4, 2, 3}, {4, 3, 5});
  add("batch of two axes", {2, 3, 2, 4}, {2, 3, 4, 1});
  add("broadcast batch", {2, 1, 3, 4}, {3, 4, 2});
  add("broadcast left", {3, 4}, {2, 4, 5});
  add("3-D x 2-D", {2, 3, 4}, {4, 5});
  add("4-D x 2-D", {2, 2, 3, 4}, {4, 5});
  add("no inner elements", {2, 0}, {0, 3});
  add("no rows", {0, 3}, {3, 2});
  add("no columns", {2, 3}, {3, 0});
  add("no matrices", {0, 2, 3}, {0, 3, 2});
  const std::vector<Line> fused{
      {"matmul of transposes",
       [](const Tensors& x) { return matmul(transpose(x[0]), transpose(x[1])); },
       {numbers({3, 5}), numbers({4, 3})}},
      {"matmul by itself", [](const Tensors& x) { return matmul(x[0], x[0]); }, {numbers({6, 6})}},
      {"matmul of functions and views",
       [](const Tensors& x) {
         return matmul(exp(x[0]), slice(pad(x[1], {{1, 1}}), {{0, Range::whole, 2}}));
       },
       {numbers({3, 3}), numbers({4, 5})}},
      {"matmul with what follows",
       [](const Tensors& x) { return tanh(matmul(x[0], x[1]) + x[2]) * 0.5; },
       {numbers({5, 6}), numbers({6, 7}), numbers({7})}},
      {"matmul of a matmul",
       [](const Tensors& x) { return matmul(tanh(matmul(x[0], x[1])), x[2]); },
       {numbers({4, 3}), numbers({3, 5}), numbers({5, 2})}},
      {"matmul of a broadcast",
       [](const Tensors& x) {
         return matmul(broadcast_to(x[0], {4, 6}), x[1]);
       },
       {numbers({6}), numbers({6, 3})}},
      {"matmul of windows, a convolution",
       [](const Tensors& x) {
         const Tensor patches =
             windows(windows(pad(x[0], {{}, {1, 1}, {1, 1}}), 1, 3), 2, 3);  // n, h, w, 3, 3
         return matmul(reshape(patches, {2, 20, 9}), x[1]);
       },
       {numbers({2, 5, 4}), numbers({9, 3})}},
  };
  lines.insert(lines.end(), fused.begin(), fused.end());
  // Rounded factors: finite differences would see the rounding steps.
  const auto narrow = [&](const std::string& name, DType dtype, const Shape& a, const Shape& b) {
    lines.push_back({"matmul " + name, product, {{a, -1, 1, dtype}, {b, -1, 1, dtype}}, {.derivatives = 0}});
  };
  narrow("f16", f16, {33, 17}, {17, 65});
  narrow("bf16", bf16, {36, 68}, {68, 132});
  narrow("bf16 of vectors", bf16, {9}, {9});
  narrow("f16 batch", f16, {4, 2, 3}, {4, 3, 5});
}

}  // namespace

std::vector<Line> product_lines() {
  std::vector<Line> lines;
  add_matmuls(lines);
  const std::vector<Line> more{
      {"gather axis 0", picked(0), {numbers({5, 3}), indices({4}, 0, 4)}},
      {"gather axis 1", picked(1), {numbers({5, 3}), indices({4}, 0, 2)}},
      {"gather the last axis of 3", picked(-1), {numbers({2, 3, 4}), indices({3}, 0, 3)}},
      {"gather by a matrix", picked(1), {numbers({2, 3, 4}), indices({2, 2}, 0, 2)}},
      {"gather one element", picked(0), {numbers({5, 3}), indices({}, 0, 4)}},
      {"gather from a vector", picked(0), {numbers({5}), indices({9}, 0, 4)}},
      {"gather the same again", picked(0), {numbers({2, 3}), indices({12}, 0, 1)}},
      {"gather beyond the ends", picked(0), {numbers({4, 2}), indices({16}, -5, 9)}},
      {"gather u32", picked(0), {numbers({4, 2}), indices({9}, 0, 9, u32)}},
      {"gather u32 far beyond the end", picked(0), {numbers({4, 2}), indices({9}, 0, 4294967295.0, u32)}},
      {"gather nothing", picked(0), {numbers({4, 2}), indices({0}, 0, 3)}},
      {"gather rows of no elements", picked(0), {numbers({4, 0}), indices({3}, 0, 3)}},
      {"gather by computed indices",
       [](const Tensors& x) { return exp(gather(x[0], argmax(x[1], 1), 0)); },
       {numbers({4, 2}), numbers({3, 4})}},
      {"gather what is computed",
       [](const Tensors& x) { return gather(exp(x[0]), x[1], 1); },
       {numbers({3, 4}), indices({5}, 0, 3)}},
      {"gather f16",
       [](const Tensors& x) { return gather(x[0], x[1], 0); },
       {{{6, 5}, -9, 9, f16}, indices({4}, 0, 5)},
       {.derivatives = 0}},
      {"gather u8",
       [](const Tensors& x) { return cast(gather(x[0], x[1], 0), f32) * (1.0 / 255); },
       {{{6, 5}, 0, 255, u8}, indices({4}, 0, 5)},
       no_derivatives},
      {"gather bool",
       [](const Tensors& x) { return gather(x[0], x[1], 0); },
       {{{6}, 0, 1, boolean}, indices({4}, 0, 5)},
       no_derivatives},
      {"one_hot", hot(4), {indices({6}, 0, 3)}},
      {"one_hot rank 0", hot(4), {indices({}, 0, 3)}},
      {"one_hot of a matrix beyond the ends", hot(4), {indices({5, 3}, -3, 7)}},
      {"one_hot u8", hot(10), {{{7}, 0, 9, u8}}},
      {"one_hot no classes", hot(0), {indices({3}, 0, 3)}},
  };
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

}  // namespace hekla::testing
