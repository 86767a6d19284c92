// Diagonals and triangles of matrices. Diagonal k holds the elements (i, i + k): 0 is the main diagonal,
// positive ones lie above it. In a tensor with more axes the last two form the matrices unless others are
// named.
#pragma once

#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// [rows, columns] with ones on diagonal k and zeros elsewhere, as np.eye; any dtype.
Tensor eye(std::int64_t rows, std::int64_t columns, std::int64_t k = 0, DType dtype = DType::f32);
/// The identity matrix [size, size].
Tensor eye(std::int64_t size);

/// Diagonal k of the matrices formed by two axes, as np.diagonal: the two axes are removed and the diagonal
/// becomes the last axis. A diagonal outside the matrix has no elements. A view; any dtype.
Tensor diagonal(const Tensor& x, std::int64_t k = 0, int axis1 = -2, int axis2 = -1);

/// np.diag: from a vector, the square matrix with it on diagonal k and zeros elsewhere; from a matrix, its
/// diagonal k. Throws hekla::Error for other ranks.
Tensor diag(const Tensor& x, std::int64_t k = 0);

/// Matrices with the vectors along the last axis of x on diagonal k and zeros elsewhere, formed by the axes axis1 and axis2 of
/// the result, as torch.diag_embed: [.., n] gives [.., n + |k|, n + |k|]. The inverse of `diagonal`. Throws hekla::Error
/// for a scalar and where the axes are the same.
Tensor diag_embed(const Tensor& x, std::int64_t k = 0, int axis1 = -2, int axis2 = -1);

/// The matrices as blocks along the diagonal of one matrix, zeros elsewhere, as torch.block_diag; vectors are rows, scalars
/// are [1, 1]; any dtype. Throws hekla::Error for no matrices, for a higher rank, and where the dtypes differ.
Tensor block_diag(const std::vector<Tensor>& matrices);

/// Sum of diagonal k: y[..] = sum over i of x[.., i, i + k]; f32, i32 or u32, as np.trace.
Tensor trace(const Tensor& x, std::int64_t k = 0, int axis1 = -2, int axis2 = -1);

/// [rows, columns] with ones up to diagonal k and zeros above it, as np.tri; any dtype.
Tensor tri(std::int64_t rows, std::int64_t columns, std::int64_t k = 0, DType dtype = DType::f32);
/// x up to diagonal k, zeros above it, as np.tril; any dtype, rank 2 or more.
Tensor tril(const Tensor& x, std::int64_t k = 0);
/// x from diagonal k, zeros below it, as np.triu; any dtype, rank 2 or more.
Tensor triu(const Tensor& x, std::int64_t k = 0);

}  // namespace hekla
