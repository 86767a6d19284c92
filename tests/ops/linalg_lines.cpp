// check_op lines: products of tensors beyond matmul's matrices.
#include "ops/diagonal.h"
#include "ops/einsum.h"
#include "ops/elementwise.h"
#include "ops/grid.h"
#include "ops/linalg.h"
#include "ops/matmul.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

Operand numbers(const Shape& shape) { return {.shape = shape, .low = -1, .high = 1}; }

void add(std::vector<Line>& lines, const std::string& name, const Function& function,
         const std::vector<Shape>& shapes) {
  std::vector<Operand> operands;
  for (const Shape& shape : shapes) operands.push_back(numbers(shape));
  lines.push_back({name, [=](const Tensors& x) { return square(function(x)); }, operands});
}

void add_einsum(std::vector<Line>& lines, const std::string& subscripts, const std::vector<Shape>& shapes) {
  add(
      lines, "einsum " + subscripts, [=](const Tensors& x) { return einsum(subscripts, x); }, shapes);
}

}  // namespace

std::vector<Line> linalg_lines() {
  std::vector<Line> lines;
  const auto product = [](const Tensors& x) { return matmul(x[0], x[1]); };
  add(lines, "matmul of vectors", product, {{5}, {5}});
  add(lines, "matmul vector x matrix", product, {{5}, {5, 3}});
  add(lines, "matmul matrix x vector", product, {{3, 5}, {5}});
  add(lines, "matmul vector x batch", product, {{4}, {3, 4, 2}});
  add(lines, "matmul batch x vector", product, {{3, 2, 4}, {4}});
  add(lines, "matmul of vectors of nothing", product, {{0}, {0}});
  add(lines, "matmul vector x no matrices", product, {{4}, {0, 4, 2}});
  add(lines, "matmul of rank 8", product, {{1, 2, 1, 1, 2, 1, 2, 3}, {2, 1, 1, 1, 2, 1, 3, 2}});
  const auto dots = [](const Tensors& x) { return dot(x[0], x[1]); };
  add(lines, "dot of vectors", dots, {{37}, {37}});
  add(lines, "dot of matrices", dots, {{3, 4}, {4, 2}});
  add(lines, "dot with a scalar", dots, {{}, {4, 2}});
  add(lines, "dot of rank 3", dots, {{2, 3, 4}, {3, 4, 2}});
  add(lines, "dot with a vector", dots, {{2, 3, 4}, {4}});
  const auto inners = [](const Tensors& x) { return inner(x[0], x[1]); };
  add(lines, "inner of vectors", inners, {{9}, {9}});
  add(lines, "inner of matrices", inners, {{3, 4}, {5, 4}});
  add(lines, "inner of rank 3", inners, {{2, 3, 4}, {2, 4}});
  add(lines, "kron", [](const Tensors& x) { return kron(x[0], x[1]); }, {{2}, {3, 2}});
  add(lines, "tri", [](const Tensors& x) { return x[0] * tri(2, 3, -1); }, {{2, 3}});
  add(lines, "cross", [](const Tensors& x) { return cross(x[0], x[1], 1); }, {{2, 3, 2}, {3, 1}});
  add(lines, "meshgrid",
      [](const Tensors& x) {
        const std::vector<Tensor> grids = meshgrid(x);
        return grids[0] * exp(grids[1]);
      },
      {{3}, {2}});
  const auto outers = [](const Tensors& x) { return outer(x[0], x[1]); };
  add(lines, "outer of vectors", outers, {{3}, {5}});
  add(lines, "outer of matrices", outers, {{2, 2}, {3, 1}});
  add(lines, "outer of scalars", outers, {{}, {}});
  add(lines, "tensordot", [](const Tensors& x) { return tensordot(x[0], x[1]); }, {{2, 3, 4}, {3, 4, 5}});
  add(lines, "tensordot 0", [](const Tensors& x) { return tensordot(x[0], x[1], 0); }, {{2, 3}, {4}});
  add(lines, "tensordot by axes",
      [](const Tensors& x) {
        return tensordot(x[0], x[1], {0, -1}, {1, 0});
      },
      {{2, 3, 4}, {4, 2, 5}});
  add(lines, "tensordot of all axes",
      [](const Tensors& x) {
        return tensordot(x[0], x[1], {0, 1}, {1, 0});
      },
      {{2, 3}, {3, 2}});
  add(lines, "tensordot over nothing", [](const Tensors& x) { return tensordot(x[0], x[1], 1); },
      {{2, 0}, {0, 3}});

  add_einsum(lines, "ij,jk->ik", {{3, 4}, {4, 2}});
  add_einsum(lines, "ij,jk", {{3, 4}, {4, 2}});
  add_einsum(lines, "ji,jk->ki", {{4, 3}, {4, 2}});
  add_einsum(lines, "i,i->", {{7}, {7}});
  add_einsum(lines, "i,j->ij", {{3}, {4}});
  add_einsum(lines, "i,i->i", {{3}, {3}});
  add_einsum(lines, "bij,bjk->bik", {{3, 2, 4}, {3, 4, 5}});
  add_einsum(lines, "bhqd,bhkd->bhqk", {{2, 3, 4, 2}, {2, 3, 5, 2}});
  add_einsum(lines, "bqhd,bkhd->bhqk", {{2, 4, 3, 2}, {2, 5, 3, 2}});
  add_einsum(lines, "ii", {{4, 4}});
  add_einsum(lines, "ii->i", {{4, 4}});
  add_einsum(lines, "iji->j", {{3, 2, 3}});
  add_einsum(lines, "iii->i", {{3, 3, 3}});
  add_einsum(lines, "ij->ji", {{3, 4}});
  add_einsum(lines, "ba", {{3, 4}});
  add_einsum(lines, "ijk->", {{2, 3, 4}});
  add_einsum(lines, "ij,ik,il->jkl", {{3, 2}, {3, 2}, {3, 4}});
  add_einsum(lines, "ij,jk,kl,lm->im", {{2, 3}, {3, 2}, {2, 3}, {3, 2}});
  add_einsum(lines, "ij,j", {{3, 4}, {4}});
  add_einsum(lines, "ij,k->k", {{3, 4}, {2}});
  add_einsum(lines, "...ij,...jk->...ik", {{2, 1, 3, 4}, {3, 4, 2}});
  add_einsum(lines, "i...->...i", {{2, 3, 4}});
  add_einsum(lines, "...i,...i->...", {{5, 3}, {3}});
  add_einsum(lines, "...,...", {{3}, {2, 3}});
  add_einsum(lines, "ij,ij->ij", {{1, 4}, {3, 4}});
  add_einsum(lines, "ij,jk->ik", {{3, 1}, {4, 2}});
  add_einsum(lines, "ii,ij->j", {{3, 3}, {3, 2}});
  add_einsum(lines, ",ij->ji", {{}, {2, 3}});
  add_einsum(lines, "ij,jk->ik", {{2, 0}, {0, 3}});
  add_einsum(lines, "abcdefgh,hgfe->dcba", {{1, 2, 1, 2, 1, 2, 1, 2}, {2, 1, 2, 1}});
  lines.push_back({"einsum i32",
                   [](const Tensors& x) { return einsum("ij,jk->ki", x); },
                   {{{3, 4}, -50, 50, i32}, {{4, 2}, -50, 50, i32}},
                   no_derivatives});
  lines.push_back({"outer u32",
                   [](const Tensors& x) { return outer(x[0], x[1]); },
                   {{{3}, 0, 4294967295.0, u32}, {{4}, 0, 9, u32}},
                   no_derivatives});
  return first_order_on_devices(std::move(lines));
}

}  // namespace hekla::testing
