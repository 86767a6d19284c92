// Shapes of batches of matrices.
#include "ops/matrix/shapes.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reorder.h"
#include "ops/view.h"

namespace hekla {

void check_square(std::string_view op, const Tensor& a) {
  if (a.dtype() == DType::f32 && a.rank() >= 2 && a.size(-1) == a.size(-2)) return;
  throw Error(fmt::format("[{}] the matrix is {}; it must be f32 [.., n, n].", op, describe(a)));
}

Shape leading_axes(const Shape& shape) {
  return Shape(std::span<const std::int64_t>(shape.begin(), shape.end() - 2));
}

Shape common_leading_axes(std::string_view op, const Tensor& a, const Tensor& b) {
  return broadcast_shapes(leading_axes(a.shape()), leading_axes(b.shape()), op);
}

Shape with_matrix(const Shape& leading, std::int64_t rows, std::int64_t columns) {
  Shape shape = leading;
  shape.push_back(rows);
  shape.push_back(columns);
  return shape;
}

Tensor with_whole_blocks(const Tensor& a) {
  const std::int64_t n = a.size(-1), size = blocks_of(n) * block_columns;
  if (size == n) return a;
  std::vector<Padding> borders(static_cast<std::size_t>(a.rank()));
  borders[borders.size() - 2] = borders.back() = {.high = size - n};
  const Tensor row = iota({size, size}, 0), column = iota({size, size}, 1);
  return where(equal(row, column) && row >= n, 1, pad(a, borders));
}

Tensor joined_columns(const Tensor& stacked) {
  const Tensor blocks = moveaxis(stacked, 0, -2);
  Shape shape = leading_axes(blocks.shape());
  shape.push_back(blocks.size(-2) * blocks.size(-1));
  return reshape(blocks, shape);
}

Tensor joined_rows(const Tensor& stacked) {
  const Shape leading = leading_axes(Shape(std::span(stacked.shape().begin() + 1, stacked.shape().end())));
  return reshape(moveaxis(stacked, 0, -3),
                 with_matrix(leading, stacked.size(0) * stacked.size(-2), stacked.size(-1)));
}

Tensor corner(const Tensor& a, std::int64_t rows, std::int64_t columns) {
  std::vector<Range> ranges(static_cast<std::size_t>(a.rank()));
  ranges[ranges.size() - 2] = {.stop = rows};
  ranges.back() = {.stop = columns};
  return slice(a, ranges);
}

}  // namespace hekla
