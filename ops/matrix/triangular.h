// Equations with a triangular matrix.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// Options of solve_triangular.
struct TriangularOptions {
  bool upper = false;          ///< the triangle of a that is read; the other one is not
  bool left = true;            ///< a x = b; false: x a = b
  bool unitriangular = false;  ///< the diagonal is taken for ones and not read
  bool transpose = false;      ///< transposes the triangle that is read: aᵀ x = b or x aᵀ = b
};

/// The x with a x = b for a triangular a [.., n, n] and b [.., n, m] (x a = b for b [.., m, n]), as
/// torch.linalg.solve_triangular; f32; leading axes broadcast. A zero on the diagonal, where PyTorch does not look either,
/// gives inf or NaN. Up to n = 32 a loop of n steps, beyond that the diagonal's blocks of 32 are inverted in one such
/// loop and n / 32 steps of two matrix products follow; for derivatives of any order, too. Throws hekla::Error unless a
/// is square, b fits and both are f32.
///   solve_triangular(r, b, {.upper = true})
Tensor solve_triangular(const Tensor& a, const Tensor& b, const TriangularOptions& options = {});

}  // namespace hekla
