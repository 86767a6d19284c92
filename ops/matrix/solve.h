// Equations, inverses and determinants of square matrices a [.., n, n], by LU factorization with partial pivoting. The
// gradients, of any order, use the factors again. All take f32. Made for n up to a few thousand: a loop of n steps over
// panels of 32 columns, with one matrix product after each panel.
#pragma once

#include <cstdint>

#include "graph/tensor.h"

namespace hekla {

/// The x with a x = b, as torch.linalg.solve: for b [.., n, m], or a vector for each matrix, b [n] or [.., n] with the
/// leading axes of a. Leading axes broadcast otherwise. Where a is singular, and PyTorch throws, x has inf or NaN.
/// Throws hekla::Error unless a is square, b fits and both are f32.
Tensor solve(const Tensor& a, const Tensor& b);

/// The inverse of a, as torch.linalg.inv; inf or NaN where a is singular. For a product with it, `solve` is faster and
/// more accurate. Throws hekla::Error unless a is square and f32.
Tensor inverse(const Tensor& a);

/// The determinant of a, as torch.linalg.det: 0 where a is exactly singular, with gradient NaN there; 1 for n = 0.
/// Throws hekla::Error unless a is square and f32.
Tensor det(const Tensor& a);

/// The result of `slogdet`.
struct SignAndLogdet {
  Tensor sign;       ///< -1, 0 or 1; no gradient flows through it
  Tensor logabsdet;  ///< log(|det a|), -inf where the sign is 0
};
/// Sign and logarithm of the determinant, which itself may be too large or small for f32, as torch.linalg.slogdet. The
/// gradient is NaN where a is singular. Throws hekla::Error unless a is square and f32.
SignAndLogdet slogdet(const Tensor& a);
/// log(det a), NaN where the determinant is negative, -inf where it is 0, as torch.logdet. Otherwise as slogdet.
Tensor logdet(const Tensor& a);

/// a multiplied n times with itself by repeated squaring, as torch.linalg.matrix_power: the identity for 0, a power of the
/// inverse for a negative n. Throws hekla::Error unless a is square and f32.
Tensor matrix_power(const Tensor& a, std::int64_t n);

}  // namespace hekla
