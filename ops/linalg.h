// Products of tensors; einsum.h has the general one.
#pragma once

#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// np.dot, f32. Two vectors: sum over i of a[i] * b[i]. Two matrices: their product. A scalar and a tensor: a
/// * b. Otherwise the sum over the last axis of a and the second-last axis of b (the only one, if b is a
/// vector): y[i, j, k, m] = sum over s of a[i, j, s] * b[k, s, m].
Tensor dot(const Tensor& a, const Tensor& b);

/// np.inner, f32: the sum over the last axes of both, y[i, k] = sum over s of a[i, s] * b[k, s]. If one is a
/// scalar: a * b.
Tensor inner(const Tensor& a, const Tensor& b);

/// np.outer: y[i, j] = a[i] * b[j] over all elements of a and b in row-major order; f32, i32 or u32.
Tensor outer(const Tensor& a, const Tensor& b);

/// Kronecker's product, as np.kron: each element of a times all of b, y[i * rows of b + k, j * columns of b + l] =
/// a[i, j] * b[k, l] for matrices; the shorter shape gets leading axes of size 1. f32, i32 or u32. Throws
/// hekla::Error beyond rank 6.
Tensor kron(const Tensor& a, const Tensor& b);

/// The cross product of vectors in three dimensions along `axis`, as np.cross: y[0] = a[1] * b[2] - a[2] * b[1] and so
/// on. Shapes broadcast; f32, i32 or u32. Throws hekla::Error unless that axis has size 3.
Tensor cross(const Tensor& a, const Tensor& b, int axis = -1);

/// np.tensordot: contracts axes_a[i] of a with axes_b[i] of b for all i. The result has the other axes of a,
/// then those of b. f32. Throws hekla::Error when the axes do not pair or differ in size.
Tensor tensordot(const Tensor& a, const Tensor& b, const std::vector<int>& axes_a,
                 const std::vector<int>& axes_b);
/// The same over the last `axes` axes of a and the first `axes` of b; 0 is the tensor product.
Tensor tensordot(const Tensor& a, const Tensor& b, int axes = 2);

}  // namespace hekla
