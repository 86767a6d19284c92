// check_op lines: equations, inverses and determinants of matrices.
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/matrix/cholesky.h"
#include "ops/matrix/solve.h"
#include "ops/matrix/triangular.h"
#include "ops/view.h"
#include "tests/ops/lines.h"

namespace hekla::testing {

namespace {

Operand numbers(const Shape& shape) { return {.shape = shape, .low = -1, .high = 1}; }

// Far from singular.
Tensor regular(const Tensor& a) { return a + 3 * eye(a.size(-1)); }
Tensor positive(const Tensor& a) { return regular(matmul(a, transpose(a))); }

}  // namespace

std::vector<Line> matrix_lines() {
  const Shape shape{2, 3, 3};
  const Operand matrix = numbers(shape), right = numbers({2, 3, 2});
  std::vector<Line> lines;
  const auto add = [&](const std::string& name, const Function& function,
                       const std::vector<Operand>& operands) {
    lines.push_back({name, function, operands, {.tolerance = 2e-5, .device_derivatives = 1}});
  };
  add("solve_triangular", [](const Tensors& x) { return solve_triangular(regular(x[0]), x[1]); },
      {matrix, right});
  add("solve_triangular of an upper, transposed, unit triangle from the right",
      [](const Tensors& x) {
        return solve_triangular(x[0], x[1],
                                {.upper = true, .left = false, .unitriangular = true, .transpose = true});
      },
      {numbers({3, 3}), numbers({2, 2, 3})});
  add("cholesky", [](const Tensors& x) { return cholesky(positive(x[0])); }, {matrix});
  add("cholesky_solve", [](const Tensors& x) { return cholesky_solve(x[1], regular(x[0])); },
      {matrix, right});
  add("cholesky_inverse", [](const Tensors& x) { return cholesky_inverse(regular(x[0]), true); }, {matrix});
  add("solve", [](const Tensors& x) { return solve(regular(x[0]), x[1]); }, {matrix, right});
  add("solve for vectors", [](const Tensors& x) { return solve(regular(x[0]), x[1]); },
      {matrix, numbers({2, 3})});
  add("inverse", [](const Tensors& x) { return inverse(regular(x[0])); }, {matrix});
  add("det", [](const Tensors& x) { return det(regular(x[0])); }, {matrix});
  add("slogdet",
      [](const Tensors& x) {
        const SignAndLogdet parts = slogdet(regular(x[0]));
        return parts.sign * parts.logabsdet;
      },
      {matrix});
  add("logdet", [](const Tensors& x) { return logdet(positive(x[0])); }, {matrix});
  add("matrix_power", [](const Tensors& x) { return matrix_power(regular(x[0]), -2); }, {matrix});
  return lines;
}

}  // namespace hekla::testing
