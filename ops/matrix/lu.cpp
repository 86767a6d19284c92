// LU factorization. Rows stay where they are until the end: which ones are still to be eliminated is part of the state.
#include "ops/matrix/lu.h"

#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/join.h"
#include "ops/loops.h"
#include "ops/matmul.h"
#include "ops/matrix/shapes.h"
#include "ops/matrix/triangular.h"
#include "ops/reduce.h"
#include "ops/reorder.h"
#include "ops/view.h"

namespace hekla {

namespace {

Tensor picked_rows(const Tensor& a, const Tensor& rows) {
  return take_along_axis(a, expand_dims(rows, -1), -2);
}

struct Panel {
  Tensor columns;    // [.., n, columns]: below the pivots the factors of elimination
  Tensor order;      // [.., columns]: the pivots' rows
  Tensor is_active;  // [.., n]: the rows that are left
};

Panel eliminated(const Tensor& panel, const Tensor& is_active) {
  const std::int64_t n = panel.size(-2), columns = panel.size(-1);
  const ScanStep step = [&](const std::vector<Tensor>& state,
                            const std::vector<Tensor>& elements) -> Scanned {
    const Tensor &now = state[0], &active = state[1], &k = elements[0];
    const Tensor column = gather(now, k, -1);
    const Tensor pivot_row = argmax(where(active, abs(column), -1), -1, KeepDims::yes);
    const Tensor row = picked_rows(now, pivot_row);
    const Tensor pivot = gather(row, k, -1);
    const Tensor left = active && not_equal(arange(n), pivot_row);
    const Tensor factor = expand_dims(where(equal(pivot, 0), 0, column / pivot), -1);
    const Tensor position = arange(columns);
    const Tensor next = where(position > k, now - factor * row, where(equal(position, k), factor, now));
    return {{where(expand_dims(left, -1), next, now), left}, {squeeze(pivot_row, {-1})}};
  };
  const Scanned done = scan(step, {arange(columns)}, {panel, is_active});
  return {done.state[0], moveaxis(done.stacked[0], 0, -1), done.state[1]};
}

Tensor all_rows(const Tensor& a) {
  Shape shape = leading_axes(a.shape());
  shape.push_back(a.size(-2));
  return ones(shape, DType::boolean);
}

LU in_blocks(const Tensor& given) {
  const std::int64_t n = given.size(-1), blocks = blocks_of(n);
  const Tensor a = with_whole_blocks(given);
  Shape blocked = leading_axes(a.shape());
  for (const std::int64_t axis : {a.size(-2), blocks, block_columns}) blocked.push_back(axis);
  const ScanStep step = [&](const std::vector<Tensor>& state,
                            const std::vector<Tensor>& elements) -> Scanned {
    const Panel panel = eliminated(gather(reshape(state[0], blocked), elements[0], -2), state[1]);
    const Tensor top = picked_rows(panel.columns, panel.order);
    const Tensor rows = solve_triangular(top, picked_rows(state[0], panel.order), {.unitriangular = true});
    const Tensor factors = where(expand_dims(panel.is_active, -1), panel.columns, 0);
    return {{state[0] - matmul(factors, rows, DType::f32), panel.is_active},
            {panel.columns, rows, expand_dims(panel.order, -2)}};
  };
  const Scanned done = scan(step, {arange(blocks)}, {a, all_rows(a)});
  const Tensor order = squeeze(joined_columns(done.stacked[2]), {-2});
  const Tensor lower = picked_rows(joined_columns(done.stacked[0]), order);
  const Tensor upper = joined_rows(done.stacked[1]);
  const Shape matrix{a.size(-2), a.size(-1)};
  const Tensor factors = where(iota(matrix, 0) > iota(matrix, 1), lower, upper);
  // The rows of the border come last: they are 0 in the columns of a.
  return {corner(factors, n, n), split(order, {n, a.size(-1) - n}, -1)[0]};
}

}  // namespace

LU lu_factor(const Tensor& a) {
  if (a.size(-1) > block_columns) return in_blocks(a);
  const Panel whole = eliminated(a, all_rows(a));
  return {picked_rows(whole.columns, whole.order), whole.order};
}

Tensor lu_solve(const LU& lu, const Tensor& b, bool transposed) {
  const Tensor& factors = lu.factors;
  Shape of_order = leading_axes(b.shape());
  of_order.push_back(b.size(-2));
  const Tensor order = broadcast_to(lu.order, of_order);
  if (!transposed) {
    const Tensor half = solve_triangular(factors, picked_rows(b, order), {.unitriangular = true});
    return solve_triangular(factors, half, {.upper = true});
  }
  const Tensor half = solve_triangular(factors, b, {.upper = true, .transpose = true});
  const Tensor whole = solve_triangular(factors, half, {.unitriangular = true, .transpose = true});
  const Tensor hits = equal(expand_dims(order, -1), arange(b.size(-2)));
  const Tensor place = sum(where(hits, expand_dims(arange(b.size(-2)), -1), 0), {-2});
  return picked_rows(whole, place);
}

Tensor lu_parity(const LU& lu) {
  const Shape pairs{lu.order.size(-1), lu.order.size(-1)};
  const Tensor is_inversion =
      expand_dims(lu.order, -1) > expand_dims(lu.order, -2) && iota(pairs, 0) < iota(pairs, 1);
  const Tensor inversions = sum(cast(is_inversion, DType::i32), {-2, -1});
  return cast(1 - 2 * (inversions % 2), DType::f32);
}

}  // namespace hekla
