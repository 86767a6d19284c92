// Equations, inverses and determinants: each factors its matrix once, also for its gradients.
#include "ops/matrix/solve.h"

#include <fmt/format.h>

#include <limits>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/custom_gradient.h"
#include "ops/diagonal.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/matrix/lu.h"
#include "ops/matrix/shapes.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

// The x with a x = b, or with aᵀ x = b; `lu` holds the factors of a.
Tensor solved_by(const LU& lu, const Tensor& a, const Tensor& b, bool transposed) {
  const auto forward = [=](const std::vector<Tensor>& inputs) { return lu_solve(lu, inputs[1], transposed); };
  const auto rule = [=](const std::vector<Tensor>& inputs, const Tensor& x,
                        const Tensor& g) -> std::vector<Tensor> {
    const Tensor of_b = solved_by(lu, inputs[0], g, !transposed);
    const Tensor of_a =
        transposed ? matmul(x, transpose(of_b), DType::f32) : matmul(of_b, transpose(x), DType::f32);
    return {-of_a, of_b};
  };
  return with_gradient(forward, rule, "solve")({a, b});
}

Tensor identities(const Tensor& a) { return broadcast_to(eye(a.size(-1)), a.shape()); }

// A function of a's factors, one number for each matrix, whose gradient is `scale` times aᵀ⁻¹.
Tensor of_factors(const std::string& name, const LU& lu, const Tensor& a, const Tensor& value,
                  const std::function<Tensor(const Tensor& y, const Tensor& g)>& scale) {
  return with_gradient(
      [=](const std::vector<Tensor>&) { return value; },
      [=](const std::vector<Tensor>& inputs, const Tensor& y, const Tensor& g) -> std::vector<Tensor> {
        const Tensor factor = expand_dims(expand_dims(scale(y, g), -1), -1);
        return {factor * solved_by(lu, inputs[0], identities(inputs[0]), true)};
      },
      name)({a});
}

}  // namespace

Tensor solve(const Tensor& a, const Tensor& b) {
  check_square("solve", a);
  const bool is_vector = b.rank() == 1 || (b.rank() == a.rank() - 1 &&
                                           std::equal(b.shape().begin(), b.shape().end(), a.shape().begin()));
  if (is_vector) return squeeze(solve(a, expand_dims(b, -1)), {-1});
  if (b.dtype() != DType::f32 || b.rank() < 2 || b.size(-2) != a.size(-1)) {
    throw Error(
        fmt::format("[solve] {} and the right-hand side {}; that must be f32 [.., {}, m] or a vector "
                    "for each matrix.",
                    describe(a), describe(b), a.size(-1)));
  }
  const Shape leading = common_leading_axes("solve", a, b);
  const std::int64_t n = a.size(-1);
  const Tensor right = broadcast_to(b, with_matrix(leading, n, b.size(-1)));
  if (right.count() == 0) return right;
  return solved_by(lu_factor(a), broadcast_to(a, with_matrix(leading, n, n)), right, false);
}

Tensor inverse(const Tensor& a) {
  check_square("inverse", a);
  return a.count() == 0 ? a : solve(a, identities(a));
}

Tensor det(const Tensor& a) {
  check_square("det", a);
  if (a.count() == 0) return ones(leading_axes(a.shape()));
  const LU lu = lu_factor(a);
  return of_factors("det", lu, a, lu_parity(lu) * prod(diagonal(lu.factors), {-1}),
                    [](const Tensor& y, const Tensor& g) { return g * y; });
}

SignAndLogdet slogdet(const Tensor& a) {
  check_square("slogdet", a);
  const Shape leading = leading_axes(a.shape());
  if (a.count() == 0) return {ones(leading), zeros(leading)};
  const LU lu = lu_factor(a);
  const Tensor pivots = diagonal(lu.factors);
  return {stop_gradient(lu_parity(lu) * prod(sign(pivots), {-1})),
          of_factors("slogdet", lu, a, sum(log(abs(pivots)), {-1}),
                     [](const Tensor&, const Tensor& g) { return g; })};
}

Tensor logdet(const Tensor& a) {
  check_square("logdet", a);
  const SignAndLogdet parts = slogdet(a);
  return where(parts.sign < 0, std::numeric_limits<double>::quiet_NaN(), parts.logabsdet);
}

Tensor matrix_power(const Tensor& a, std::int64_t n) {
  check_square("matrix_power", a);
  if (n < 0) return matrix_power(inverse(a), -n);
  if (n == 0) return identities(a);
  if (n == 1) return a;
  const Tensor half = matrix_power(a, n / 2), even = matmul(half, half, DType::f32);
  return n % 2 == 0 ? even : matmul(even, a, DType::f32);
}

}  // namespace hekla
