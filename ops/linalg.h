// Products of tensors in terms of matmul; einsum.h has the general one.
#pragma once

#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// np.dot: of two vectors sum over i of a[i] * b[i]; of matrices their product; of a scalar and a tensor a *
/// b; otherwise the sum over the last axis of a and the second-last (of a vector: the only) axis of b, y[i,
/// j, k, m] = sum over s of a[i, j, s] * b[k, s, m]. f32.
Tensor dot(const Tensor& a, const Tensor& b);

/// np.inner: the sum over the last axes of both, y[i, k] = sum over s of a[i, s] * b[k, s]; with a scalar a *
/// b. f32.
Tensor inner(const Tensor& a, const Tensor& b);

/// np.outer: y[i, j] = a[i] * b[j] of all elements of a and b in row-major order; f32, i32 or u32.
Tensor outer(const Tensor& a, const Tensor& b);

/// np.tensordot: the sum over axes_a[i] of a together with axes_b[i] of b for all i; the other axes of a come
/// first, then those of b. f32. Throws hekla::Error when the axes do not pair or differ in size.
Tensor tensordot(const Tensor& a, const Tensor& b, const std::vector<int>& axes_a,
                 const std::vector<int>& axes_b);
/// The same over the last `axes` axes of a and the first `axes` of b; 0 is the tensor product.
Tensor tensordot(const Tensor& a, const Tensor& b, int axes = 2);

}  // namespace hekla
