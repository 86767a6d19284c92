// Tensor products made of matmul; einsum.h has the general one.
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

/// np.tensordot: contracts axes_a[i] of a with axes_b[i] of b for all i. The result has the other axes of a,
/// then those of b. f32. Throws hekla::Error when the axes do not pair or differ in size.
Tensor tensordot(const Tensor& a, const Tensor& b, const std::vector<int>& axes_a,
                 const std::vector<int>& axes_b);
/// The same over the last `axes` axes of a and the first `axes` of b; 0 is the tensor product.
Tensor tensordot(const Tensor& a, const Tensor& b, int axes = 2);

}  // namespace hekla
