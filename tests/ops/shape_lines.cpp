// check_op lines: joining, splitting, repeating, reordering, basic indexing, diagonals, from rank 0 to 8.
#include "ops/create.h"
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/index.h"
#include "ops/join.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

Operand numbers(const Shape& shape) { return {.shape = shape, .low = -2, .high = 2}; }

using Unary = std::function<Tensor(const Tensor&)>;

// Between two nonlinear functions, so that second derivatives are not zero.
void add(std::vector<Line>& lines, const std::string& name, const Shape& shape, const Unary& view) {
  lines.push_back({name, [=](const Tensors& x) { return square(view(exp(x[0]))); }, {numbers(shape)}});
}

// All views that only move elements, for dtypes without arithmetic.
void add_of_dtype(std::vector<Line>& lines, const std::string& name, DType dtype) {
  const auto moves = [](const Tensors& x) {
    const Tensor wide = pad(flip(roll(stack({x[0], x[1]}, 1), 2, 2)), {{}, {}, {3, 4}}, PadMode::reflect);
    return index(tile(repeat(wide, 2, 0), {1, 2, 1}), {Range{.step = -1}, 1, ellipsis, Range{0, -1, 2}});
  };
  lines.push_back(
      {"moves of " + name, moves, {{{3, 5}, 0, 200, dtype}, {{3, 5}, 0, 200, dtype}}, no_derivatives});
  lines.push_back({"diagonals of " + name,
                   [](const Tensors& x) { return tril(diag(diagonal(x[0], 1), -1), -1); },
                   {{{3, 5}, 0, 200, dtype}},
                   no_derivatives});
}

void add_joins(std::vector<Line>& lines) {
  const auto stacked = [](int axis) { return [=](const Tensors& x) { return square(stack(x, axis)); }; };
  const Operand matrix = numbers({2, 3});
  lines.push_back({"stack", stacked(0), {matrix, matrix, matrix}});
  lines.push_back({"stack a middle axis", stacked(1), {matrix, matrix}});
  lines.push_back({"stack the last axis", stacked(-1), {matrix, matrix}});
  lines.push_back({"stack scalars", stacked(0), {numbers({}), numbers({}), numbers({})}});
  lines.push_back({"stack one", stacked(0), {matrix}});
  lines.push_back({"stack no elements", stacked(0), {numbers({0, 2}), numbers({0, 2})}});
  lines.push_back({"stack rank 7", stacked(3), std::vector<Operand>(2, numbers({1, 2, 1, 2, 1, 2, 1}))});
  lines.push_back({"stack more than a kernel reads", stacked(0), std::vector<Operand>(19, numbers({3}))});
  lines.push_back({"concat more than a kernel reads", [](const Tensors& x) { return square(concat(x, 1)); },
                   std::vector<Operand>(21, numbers({2, 3}))});
  const auto parts = [](const std::vector<Tensor>& all) {
    Tensor total = exp(all[0]);
    for (std::size_t i = 1; i < all.size(); ++i) total = total * all[i] + 0.5;
    return total;
  };
  lines.push_back({"split", [=](const Tensors& x) { return parts(split(x[0], 3)); }, {numbers({6, 2})}});
  lines.push_back({"split the last axis",
                   [=](const Tensors& x) { return parts(split(x[0], 2, -1)); },
                   {numbers({3, 4})}});
  lines.push_back({"split by sizes",
                   [](const Tensors& x) {
                     const std::vector<Tensor> all = split(x[0], {1, 0, 4, 2}, 1);
                     return square(sum(all[2]) * all[3] + all[0]);
                   },
                   {numbers({2, 7})}});
  lines.push_back(
      {"split no elements", [](const Tensors& x) { return split(x[0], 3)[1]; }, {numbers({0, 2})}});
  add(lines, "tile", {2, 3}, [](const Tensor& x) { return tile(x, {2, 2}); });
  add(lines, "tile the last axis", {2, 3}, [](const Tensor& x) { return tile(x, {3}); });
  add(lines, "tile to more axes", {3}, [](const Tensor& x) { return tile(x, {2, 1, 2}); });
  add(lines, "tile a scalar", {}, [](const Tensor& x) { return tile(x, {2, 3}); });
  add(lines, "tile not at all", {3}, [](const Tensor& x) { return tile(x, {0}); });
  add(lines, "tile rank 8", {1, 2, 1, 2, 1, 1, 2, 1}, [](const Tensor& x) {
    return tile(x, {2, 1, 2, 2, 1, 2, 1, 2});
  });
  add(lines, "tile no elements", {0, 2}, [](const Tensor& x) { return tile(x, {2, 2}); });
  add(lines, "repeat", {2, 3}, [](const Tensor& x) { return repeat(x, 2, 0); });
  add(lines, "repeat the last axis", {2, 3}, [](const Tensor& x) { return repeat(x, 3, -1); });
  add(lines, "repeat all elements", {2, 3}, [](const Tensor& x) { return repeat(x, 2); });
  add(lines, "repeat a scalar", {}, [](const Tensor& x) { return repeat(x, 5); });
  add(lines, "repeat never", {2, 3}, [](const Tensor& x) { return repeat(x, 0, 1); });
}

void add_orders(std::vector<Line>& lines) {
  add(lines, "squeeze all", {1, 2, 1, 3}, [](const Tensor& x) { return squeeze(x); });
  add(lines, "squeeze one element", {1, 1}, [](const Tensor& x) { return squeeze(x); });
  add(lines, "swapaxes", {2, 3, 4}, [](const Tensor& x) { return swapaxes(x, 0, -1); });
  add(lines, "moveaxis", {2, 3, 4}, [](const Tensor& x) { return moveaxis(x, 0, -1); });
  add(lines, "moveaxis of several", {2, 3, 1, 2}, [](const Tensor& x) {
    return moveaxis(x, {0, 2}, {-1, 0});
  });
  add(lines, "flip", {3, 4}, [](const Tensor& x) { return flip(x); });
  add(lines, "flip an axis", {3, 4}, [](const Tensor& x) { return flip(x, {-1}); });
  add(lines, "flip a scalar", {}, [](const Tensor& x) { return flip(x); });
  add(lines, "flip no elements", {3, 0}, [](const Tensor& x) { return flip(x); });
  add(lines, "flip rank 8", {1, 2, 1, 2, 1, 2, 2, 1}, [](const Tensor& x) { return flip(x, {1, 5, 6, 7}); });
  add(lines, "roll", {7}, [](const Tensor& x) { return roll(x, 3, 0); });
  add(lines, "roll backwards", {3, 5}, [](const Tensor& x) { return roll(x, -12, 1); });
  add(lines, "roll all elements", {3, 5}, [](const Tensor& x) { return roll(x, 4); });
  add(lines, "roll nothing", {3}, [](const Tensor& x) { return roll(x, 6, 0); });
  add(lines, "roll no elements", {0}, [](const Tensor& x) { return roll(x, 2, 0); });
  const auto padded = [](const std::vector<Padding>& paddings, PadMode mode) {
    return [=](const Tensor& x) { return pad(x, paddings, mode); };
  };
  add(lines, "pad constant", {2, 3}, padded({{1, 1}}, PadMode::constant));
  add(lines, "pad reflect", {4, 5}, padded({{1, 2}, {4, 0}}, PadMode::reflect));
  add(lines, "pad reflect far", {3}, padded({{7, 8}}, PadMode::reflect));
  add(lines, "pad reflect one element", {1, 3}, padded({{2, 1}}, PadMode::reflect));
  add(lines, "pad symmetric far", {2, 3}, padded({{1, 2}, {4, 0}}, PadMode::symmetric));
  add(lines, "pad circular far", {2, 3}, padded({{1, 2}, {4, 0}}, PadMode::circular));
  add(lines, "pad edge", {4, 5}, padded({{1, 2}, {0, 3}}, PadMode::edge));
  add(lines, "pad edge one element", {1}, padded({{2, 2}}, PadMode::edge));
  add(lines, "pad edge beside no elements", {0, 3}, padded({{}, {1, 1}}, PadMode::edge));
}

void add_indices(std::vector<Line>& lines) {
  const auto at = [](const std::vector<Subscript>& subscripts) {
    return [=](const Tensor& x) { return index(x, subscripts); };
  };
  add(lines, "index", {3, 4}, at({1}));
  add(lines, "index to a scalar", {3, 4}, at({-1, 2}));
  add(lines, "index a scalar", {}, at({ellipsis}));
  add(lines, "index with new axes", {3, 4}, at({new_axis, {1, 3}, new_axis, -1}));
  add(lines, "index with an ellipsis", {2, 3, 4, 2}, at({1, ellipsis, Range{.step = -1}}));
  add(lines, "index with nothing for the ellipsis", {2, 3}, at({0, ellipsis, 1}));
  add(lines, "index with a negative step", {7, 3}, at({{-2, 0, -2}}));
  add(lines, "index nothing", {5, 2}, at({{3, 3}}));
  add(lines, "index rank 8", {2, 1, 2, 1, 2, 1, 2, 2}, at({1, 0, ellipsis, -1, Range{.step = -1}}));
}

void add_diagonals(std::vector<Line>& lines) {
  add(lines, "diagonal", {4, 4}, [](const Tensor& x) { return diagonal(x); });
  add(lines, "diagonal above", {3, 7}, [](const Tensor& x) { return diagonal(x, 2); });
  add(lines, "diagonal below", {7, 3}, [](const Tensor& x) { return diagonal(x, -3); });
  add(lines, "diagonal outside", {3, 3}, [](const Tensor& x) { return diagonal(x, 3); });
  add(lines, "diagonal of one element", {3, 3}, [](const Tensor& x) { return diagonal(x, -2); });
  add(lines, "diagonal of other axes", {3, 2, 4}, [](const Tensor& x) { return diagonal(x, 1, 2, 0); });
  add(lines, "diagonal of rank 8", {1, 2, 1, 1, 2, 1, 3, 2}, [](const Tensor& x) { return diagonal(x); });
  add(lines, "diagonal of no elements", {0, 3}, [](const Tensor& x) { return diagonal(x); });
  add(lines, "diag of a vector", {3}, [](const Tensor& x) { return diag(x); });
  add(lines, "diag above of a vector", {3}, [](const Tensor& x) { return diag(x, 2); });
  add(lines, "diag below of a vector", {3}, [](const Tensor& x) { return diag(x, -1); });
  add(lines, "diag of one element", {1}, [](const Tensor& x) { return diag(x, 1); });
  add(lines, "diag of no elements", {0}, [](const Tensor& x) { return diag(x, 2); });
  add(lines, "diag of a matrix", {3, 4}, [](const Tensor& x) { return diag(x, 1); });
  add(lines, "diag_embed", {2, 3}, [](const Tensor& x) { return diag_embed(x, 1); });
  add(lines, "diag_embed to other axes", {2, 3}, [](const Tensor& x) { return diag_embed(x, -2, 2, 0); });
  add(lines, "block_diag", {2, 3}, [](const Tensor& x) {
    return block_diag({x, index(x, {0}), transpose(x)});
  });
  add(lines, "atleast_1d", {}, [](const Tensor& x) { return atleast_1d(x); });
  add(lines, "atleast_2d", {3}, [](const Tensor& x) { return atleast_2d(x); });
  add(lines, "atleast_3d", {2, 3}, [](const Tensor& x) { return atleast_3d(x); });
  add(lines, "trace", {4, 5}, [](const Tensor& x) { return trace(x); });
  add(lines, "trace of a batch", {2, 3, 3}, [](const Tensor& x) { return trace(x, -1); });
  add(lines, "tril", {4, 5}, [](const Tensor& x) { return tril(x); });
  add(lines, "tril of a batch", {2, 3, 3}, [](const Tensor& x) { return tril(x, -1); });
  add(lines, "triu", {5, 4}, [](const Tensor& x) { return triu(x); });
  add(lines, "triu above", {3, 5}, [](const Tensor& x) { return triu(x, 2); });
  lines.push_back({"eye", [](const Tensors&) { return eye(5); }, {}});
  lines.push_back({"eye below", [](const Tensors&) { return eye(4, 7, -2, i32); }, {}});
  lines.push_back({"eye of no rows", [](const Tensors&) { return eye(0, 3); }, {}});
  lines.push_back({"arange between", [](const Tensors&) { return arange(7, -4, -3); }, {}});
  lines.push_back({"arange f32", [](const Tensors&) { return arange(0.5, 3, 0.25); }, {}});
  lines.push_back({"arange none", [](const Tensors&) { return arange(3, 3); }, {}});
  lines.push_back({"linspace", [](const Tensors&) { return linspace(-1, 2, 11); }, {}});
  lines.push_back({"linspace one", [](const Tensors&) { return linspace(-1, 2, 1); }, {}});
  lines.push_back({"linspace none", [](const Tensors&) { return linspace(-1, 2, 0); }, {}});
}

}  // namespace

std::vector<Line> shape_lines() {
  std::vector<Line> lines;
  add_joins(lines);
  add_orders(lines);
  add_indices(lines);
  add_diagonals(lines);
  add_of_dtype(lines, "i32", i32);
  add_of_dtype(lines, "u32", u32);
  add_of_dtype(lines, "u8", u8);
  add_of_dtype(lines, "bool", boolean);
  return lines;
}

}  // namespace hekla::testing
