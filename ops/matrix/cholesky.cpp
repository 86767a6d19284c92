// Cholesky's factorization, one panel of columns after another.
#include "ops/matrix/cholesky.h"

#include "ops/create.h"
#include "ops/custom_gradient.h"
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/loops.h"
#include "ops/matmul.h"
#include "ops/matrix/shapes.h"
#include "ops/matrix/triangular.h"
#include "ops/reorder.h"
#include "ops/view.h"

namespace hekla {

namespace {

// The factor's columns from `first` on, given those of the matrix [.., n, columns] minus what earlier ones contribute.
Tensor factored_panel(const Tensor& panel, const Tensor& first) {
  const std::int64_t n = panel.size(-2), columns = panel.size(-1);
  const ScanStep step = [&](const std::vector<Tensor>& state,
                            const std::vector<Tensor>& elements) -> Scanned {
    const Tensor &rest = state[0], &k = elements[0];
    const Tensor column = gather(rest, k, -1), row = first + k;
    const Tensor pivot = expand_dims(gather(column, row, -1), -1);
    const Tensor factor = where(arange(n) >= row, column / sqrt(pivot), 0);
    const Tensor of_rows = gather(factor, first + arange(columns), -1);
    return {{rest - expand_dims(factor, -1) * expand_dims(of_rows, -2)}, {factor}};
  };
  return moveaxis(scan(step, {arange(columns)}, {panel}).stacked[0], 0, -1);
}

Tensor factored(const Tensor& given) {
  const std::int64_t n = given.size(-1);
  if (n <= block_columns) return factored_panel(given, zeros({}, DType::i32));
  const Tensor a = with_whole_blocks(given);
  Shape in_blocks = leading_axes(a.shape());
  for (const std::int64_t axis : {a.size(-2), blocks_of(n), block_columns}) in_blocks.push_back(axis);
  const ScanStep step = [&](const std::vector<Tensor>& state,
                            const std::vector<Tensor>& elements) -> Scanned {
    const Tensor &rest = state[0], &k = elements[0];
    const Tensor panel = gather(reshape(rest, in_blocks), k, -2);
    const Tensor factor = factored_panel(panel, k * static_cast<int>(block_columns));
    return {{rest - matmul(factor, transpose(factor), DType::f32)}, {factor}};
  };
  return corner(joined_columns(scan(step, {arange(blocks_of(n))}, {a}).stacked[0]), n, n);
}

// Iain Murray: Differentiation of the Cholesky decomposition, 2016, equation 10.
std::vector<Tensor> pull_back(const std::vector<Tensor>&, const Tensor& l, const Tensor& g) {
  const Tensor inner = tril(matmul(transpose(l), g, DType::f32));
  const Tensor halved = inner - 0.5 * inner * eye(l.size(-1));
  const Tensor from_left = solve_triangular(l, halved, {.transpose = true});
  const Tensor both = solve_triangular(l, from_left, {.left = false});
  return {0.5 * (both + transpose(both))};
}

}  // namespace

Tensor cholesky(const Tensor& a, bool upper) {
  check_square("cholesky", a);
  if (a.count() == 0) return a;
  if (upper) return transpose(cholesky(transpose(a)));
  return with_gradient([](const std::vector<Tensor>& inputs) { return factored(inputs[0]); }, pull_back,
                       "cholesky")({a});
}

Tensor cholesky_solve(const Tensor& b, const Tensor& l, bool upper) {
  const Tensor half = solve_triangular(l, b, {.upper = upper, .transpose = upper});
  return solve_triangular(l, half, {.upper = upper, .transpose = !upper});
}

Tensor cholesky_inverse(const Tensor& l, bool upper) {
  check_square("cholesky_inverse", l);
  return cholesky_solve(eye(l.size(-1)), l, upper);
}

}  // namespace hekla
