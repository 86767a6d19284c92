// Covariances and correlations.
#include "ops/covariance.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/statistics.h"
#include "ops/view.h"

namespace hekla {

namespace {

// Rows [n, observations] minus their means.
Tensor deviations(std::string_view op, const Tensor& x, int correction) {
  if (x.rank() < 1 || x.rank() > 2) {
    throw Error(fmt::format("[{}] {} is no vector and no matrix; a row holds the observations of a variable.",
                            op, describe(x)));
  }
  if (x.dtype() != DType::f32)
    throw Error(fmt::format("[{}] {} is not f32; cast it first.", op, describe(x)));
  if (x.size(-1) <= correction) {
    throw Error(fmt::format(
        "[{}] {} observations of {} and correction {}; there must be more observations than that.", op,
        x.size(-1), describe(x), correction));
  }
  const Tensor rows = x.rank() == 1 ? expand_dims(x, 0) : x;
  return rows - moments(rows, {1}, KeepDims::yes).mean;
}

// The products of all pairs of rows; of a single vector a scalar.
Tensor products(const Tensor& rows, const Tensor& x) {
  const Tensor pairs = matmul(rows, transpose(rows), f32);
  return x.rank() == 1 ? reshape(pairs, Shape{}) : pairs;
}

}  // namespace

Tensor cov(const Tensor& x, int correction) {
  const Tensor rows = deviations("cov", x, correction);
  return products(rows, x) / static_cast<double>(rows.size(1) - correction);
}

Tensor corrcoef(const Tensor& x) {
  const Tensor rows = deviations("corrcoef", x, 0);
  // Rounding may lead a little beyond 1.
  return clip(products(rows / norm(rows, 2, {1}, KeepDims::yes), x), -1, 1);
}

}  // namespace hekla
