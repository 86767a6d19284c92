// Matrix product.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// c[.., m, n] = sum over k of a[.., m, k] * b[.., k, n]; f32, rank 2 or more, leading axes broadcast.
/// Throws hekla::Error when the inner sizes differ.
Tensor matmul(const Tensor& a, const Tensor& b);

extern const Op matmul_op;

}  // namespace hekla
