// A diagonal is every (columns + 1)-th element of a matrix in row-major order. So taking one is a slice, and
// setting one is a pad.
#include "ops/diagonal.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "ops/view.h"

namespace hekla {

namespace {

// Column index minus row index of each element of matrices [rows, columns].
Tensor offset_from_main(std::int64_t rows, std::int64_t columns) {
  const Shape shape{rows, columns};
  return iota(shape, 1) - iota(shape, 0);
}

Tensor triangle(const Tensor& x, std::int64_t k, std::string_view op) {
  if (x.rank() < 2) {
    throw Error(
        fmt::format("[{}] {} has rank {}; a triangle takes two axes or more.", op, describe(x), x.rank()));
  }
  const Tensor offset = offset_from_main(x.size(-2), x.size(-1));
  return where(op == "tril" ? offset <= k : offset >= k, x, zeros_like(x));
}

}  // namespace

Tensor eye(std::int64_t rows, std::int64_t columns, std::int64_t k, DType dtype) {
  return cast(offset_from_main(rows, columns) == k, dtype);
}

Tensor eye(std::int64_t size) { return eye(size, size); }

Tensor diagonal(const Tensor& x, std::int64_t k, int axis1, int axis2) {
  const int row_axis = normalize_axis(axis1, x.rank(), "diagonal");
  const int column_axis = normalize_axis(axis2, x.rank(), "diagonal");
  if (row_axis == column_axis) {
    throw Error(fmt::format("[diagonal] axes {} and {} of {}; a diagonal takes two different axes.", axis1,
                            axis2, describe(x)));
  }
  const Tensor matrices = moveaxis(x, {row_axis, column_axis}, {-2, -1});
  const std::int64_t rows = matrices.size(-2);
  const std::int64_t columns = matrices.size(-1);
  const std::int64_t length = std::max<std::int64_t>(
      0, std::min(rows + std::min<std::int64_t>(k, 0), columns - std::max<std::int64_t>(k, 0)));
  Shape shape(std::span<const std::int64_t>(matrices.shape().begin(), matrices.shape().end() - 2));
  Shape flat = shape;
  flat.push_back(rows * columns);
  shape.push_back(length);
  if (shape.count() == 0) return constant(0, shape, x.dtype());
  const std::int64_t start = k < 0 ? -k * columns : k;
  std::vector<Range> ranges(static_cast<std::size_t>(flat.rank()));
  ranges.back() = {.start = start, .stop = start + (length - 1) * (columns + 1) + 1, .step = columns + 1};
  return slice(reshape(matrices, flat), ranges);
}

Tensor diag(const Tensor& x, std::int64_t k) {
  if (x.rank() == 2) return diagonal(x, k);
  if (x.rank() != 1) {
    throw Error(fmt::format("[diag] {} has rank {}; diag takes a vector or a matrix (see diagonal).",
                            describe(x), x.rank()));
  }
  const std::int64_t size = x.size(0) + std::abs(k);
  if (x.size(0) == 0) return zeros({size, size}, x.dtype());
  const std::int64_t low = k < 0 ? -k * size : k;
  const std::int64_t span = (x.size(0) - 1) * (size + 1) + 1;
  return reshape(pad(x, {{.low = low, .high = size * size - low - span, .interior = size}}), {size, size});
}

Tensor diag_embed(const Tensor& x, std::int64_t k, int axis1, int axis2) {
  if (x.rank() == 0)
    throw Error(fmt::format("[diag_embed] {} is a scalar; a diagonal has an axis.", describe(x)));
  const int row_axis = normalize_axis(axis1, x.rank() + 1, "diag_embed");
  const int column_axis = normalize_axis(axis2, x.rank() + 1, "diag_embed");
  if (row_axis == column_axis) {
    throw Error(fmt::format("[diag_embed] axes {} and {} of {}; a matrix takes two different axes.", axis1,
                            axis2, describe(x)));
  }
  const std::int64_t size = x.size(-1) + std::abs(k), low = std::max<std::int64_t>(0, k);
  std::vector<Padding> columns(static_cast<std::size_t>(x.rank()));
  columns.back() = {.low = low, .high = size - x.size(-1) - low};
  // Each row holds the whole diagonal, of which one element stays.
  const Tensor row = expand_dims(pad(x, columns), -2);
  const Tensor matrices = where(offset_from_main(size, size) == k, row, zeros_like(row));
  return moveaxis(matrices, {-2, -1}, {row_axis, column_axis});
}

Tensor block_diag(const std::vector<Tensor>& matrices) {
  if (matrices.empty()) throw Error("[block_diag] there are no matrices; give one or more.");
  std::int64_t columns = 0, before = 0;
  for (const Tensor& x : matrices) {
    if (x.rank() > 2) {
      throw Error(fmt::format("[block_diag] {} has rank {}; blocks are matrices, vectors or scalars.",
                              describe(x), x.rank()));
    }
    columns += atleast_2d(x).size(1);
  }
  std::vector<Tensor> rows;
  for (const Tensor& x : matrices) {
    const Tensor block = atleast_2d(x);
    const std::int64_t after = columns - before - block.size(1);
    rows.push_back(pad(block, {{}, {.low = before, .high = after}}));
    before += block.size(1);
  }
  return concat(rows, 0);
}

Tensor trace(const Tensor& x, std::int64_t k, int axis1, int axis2) {
  return sum(diagonal(x, k, axis1, axis2), {-1});
}

Tensor tri(std::int64_t rows, std::int64_t columns, std::int64_t k, DType dtype) {
  return cast(offset_from_main(rows, columns) <= k, dtype);
}

Tensor tril(const Tensor& x, std::int64_t k) { return triangle(x, k, "tril"); }
Tensor triu(const Tensor& x, std::int64_t k) { return triangle(x, k, "triu"); }

}  // namespace hekla
