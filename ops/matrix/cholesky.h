// Cholesky's factorization of symmetric positive definite matrices.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// The lower triangular l with l lᵀ = a and a positive diagonal, of a symmetric positive definite a [.., n, n], as
/// torch.linalg.cholesky; f32. Only the lower triangle of a is read. `upper`: u = lᵀ with uᵀ u = a, from the upper
/// triangle. The gradient is symmetric. Where a is not positive definite, and PyTorch throws, the result has NaN from the
/// first column on whose pivot is not positive. A loop of n steps over panels of 32 columns, with one matrix product
/// after each panel: made for n up to a few thousand. Throws hekla::Error unless a is square and f32.
Tensor cholesky(const Tensor& a, bool upper = false);

/// The x with a x = b, given the factor `l` of a = l lᵀ (`upper`: of a = lᵀ l) and b [.., n, m], as
/// torch.cholesky_solve. Throws hekla::Error as solve_triangular.
Tensor cholesky_solve(const Tensor& b, const Tensor& l, bool upper = false);

/// The inverse of a, given its factor, as torch.cholesky_inverse.
Tensor cholesky_inverse(const Tensor& l, bool upper = false);

}  // namespace hekla
