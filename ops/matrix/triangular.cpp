// Substitution, one row after another, and for larger matrices one block of rows after another.
#include "ops/matrix/triangular.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/custom_gradient.h"
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/loops.h"
#include "ops/matmul.h"
#include "ops/matrix/shapes.h"
#include "ops/reorder.h"
#include "ops/view.h"

namespace hekla {

namespace {

struct Triangle {
  bool upper, unitriangular;
};

// A row that is known is taken out of the equations that come after it.
Tensor by_rows(const Triangle& triangle, const Tensor& a, const Tensor& b) {
  const std::int64_t n = a.size(-1);
  const ScanStep step = [&](const std::vector<Tensor>& state,
                            const std::vector<Tensor>& elements) -> Scanned {
    const Tensor &right = state[0], &column = elements[0], &k = elements[1];
    Tensor x = gather(right, k, -2);
    if (!triangle.unitriangular) x = x / expand_dims(gather(column, k, -1), -1);
    const Tensor after = triangle.upper ? arange(n) < k : arange(n) > k;
    const Tensor factors = where(after, column, 0);
    return {{right - expand_dims(factors, -1) * expand_dims(x, -2)}, {x}};
  };
  const Scanned solved = scan(step, {moveaxis(a, -1, 0), arange(n)}, {b}, {.reverse = triangle.upper});
  return moveaxis(solved.stacked[0], 0, -2);
}

// The diagonal's blocks are independent of each other, so all are inverted together.
Tensor by_blocks(const Triangle& triangle, const Tensor& given, const Tensor& b) {
  const std::int64_t n = given.size(-1), columns = b.size(-1), blocks = blocks_of(n);
  const std::int64_t size = blocks * block_columns;
  const Shape leading = leading_axes(given.shape());
  const auto in_blocks = [&](const Tensor& x, const Shape& axes) {
    Shape shape = leading;
    for (const std::int64_t axis : axes) shape.push_back(axis);
    return reshape(x, shape);
  };
  const Tensor a = with_whole_blocks(given);
  const Tensor grid = in_blocks(a, {blocks, block_columns, blocks, block_columns});
  const Tensor on_diagonal = moveaxis(diagonal(grid, 0, -4, -2), -1, 0);
  const Tensor inverses =
      by_rows(triangle, on_diagonal, broadcast_to(eye(block_columns), on_diagonal.shape()));
  const Tensor block_of_row = expand_dims(arange(size) / static_cast<int>(block_columns), -1);
  const ScanStep step = [&](const std::vector<Tensor>& state,
                            const std::vector<Tensor>& elements) -> Scanned {
    const Tensor &right = state[0], &column = elements[0], &inverse = elements[1], &k = elements[2];
    const Tensor x =
        matmul(inverse, gather(in_blocks(right, {blocks, block_columns, columns}), k, -3), DType::f32);
    const Tensor after = triangle.upper ? block_of_row < k : block_of_row > k;
    return {{right - matmul(where(after, column, 0), x, DType::f32)}, {x}};
  };
  std::vector<Padding> borders(static_cast<std::size_t>(b.rank()));
  borders[borders.size() - 2] = {.high = size - n};
  const Scanned solved =
      scan(step, {moveaxis(in_blocks(a, {size, blocks, block_columns}), -2, 0), inverses, arange(blocks)},
           {pad(b, borders)}, {.reverse = triangle.upper});
  return corner(joined_rows(solved.stacked[0]), n, columns);
}

// a and b have the same leading axes.
Tensor substitution(const Triangle& triangle, const Tensor& a, const Tensor& b) {
  const auto solved = [=](const std::vector<Tensor>& inputs) {
    return (inputs[0].size(-1) <= block_columns ? by_rows : by_blocks)(triangle, inputs[0], inputs[1]);
  };
  const auto rule = [=](const std::vector<Tensor>& inputs, const Tensor& x,
                        const Tensor& g) -> std::vector<Tensor> {
    const Tensor of_b = substitution({!triangle.upper, triangle.unitriangular}, transpose(inputs[0]), g);
    const Tensor of_a = -matmul(of_b, transpose(x), DType::f32);
    const int read_from = triangle.unitriangular ? 1 : 0;
    return {triangle.upper ? triu(of_a, read_from) : tril(of_a, -read_from), of_b};
  };
  return with_gradient(solved, rule, "solve_triangular")({a, b});
}

}  // namespace

Tensor solve_triangular(const Tensor& a, const Tensor& b, const TriangularOptions& options) {
  check_square("solve_triangular", a);
  if (b.dtype() != DType::f32 || b.rank() < 2 || b.size(options.left ? -2 : -1) != a.size(-1)) {
    throw Error(fmt::format(
        "[solve_triangular] {} and the right-hand side {}; that must be f32 [.., {}].", describe(a),
        describe(b), options.left ? fmt::format("{}, m", a.size(-1)) : fmt::format("m, {}", a.size(-1))));
  }
  if (!options.left) {
    return transpose(solve_triangular(
        a, transpose(b),
        {.upper = options.upper, .unitriangular = options.unitriangular, .transpose = !options.transpose}));
  }
  const Shape leading = common_leading_axes("solve_triangular", a, b);
  const std::int64_t n = a.size(-1), columns = b.size(-1);
  const Tensor right = broadcast_to(b, with_matrix(leading, n, columns));
  if (right.count() == 0) return right;
  const Tensor matrix = broadcast_to(options.transpose ? transpose(a) : a, with_matrix(leading, n, n));
  return substitution({options.upper != options.transpose, options.unitriangular}, matrix, right);
}

}  // namespace hekla
