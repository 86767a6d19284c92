// LU factorization with partial pivoting, the part that equations, inverses and determinants share.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// Row order[i] of a is row i of the product of a unit lower and an upper triangular matrix, both of which lie in `factors`.
struct LU {
  Tensor factors;  ///< f32 [.., n, n]
  Tensor order;    ///< i32 [.., n]
};
/// Factors of a, f32 [.., n, n] with n above 0, without a gradient. A column without a pivot other than 0 leaves a 0 on the
/// diagonal.
LU lu_factor(const Tensor& a);

/// The x with a x = b, or with aᵀ x = b, for b [.., n, m] with at least the leading axes of a. No gradient
/// flows to the factors.
Tensor lu_solve(const LU& lu, const Tensor& b, bool transposed);

/// 1 or -1 (f32): the determinant of the permutation.
Tensor lu_parity(const LU& lu);

}  // namespace hekla
