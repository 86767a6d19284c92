// Matrix product.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// np.matmul, f32: c[.., m, n] = sum over k of a[.., m, k] * b[.., k, n], where leading axes broadcast. A
/// vector on the left is a row and on the right a column, and that axis is gone from the result; of two
/// vectors comes a scalar. Throws hekla::Error when the inner sizes differ, for scalars and for other dtypes.
Tensor matmul(const Tensor& a, const Tensor& b);

extern const Op matmul_op;

}  // namespace hekla
