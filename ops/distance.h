// Distances between points.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// Distances of all pairs of points, as torch.cdist: y[.., i, j] is the norm of order p of a[.., i, :] - b[.., j, :], p
/// being 1, 2 or infinity. f32; a is [.., n, d] and b [.., m, d], whose leading axes broadcast. The differences are
/// summed as they are computed, in n m d operations, so that near points keep the digits that the expansion into
/// products loses, and only [.., n, m] is stored. Gradients are those of norm: 0 for equal points. Throws hekla::Error
/// for ranks below 2, another p, and when d differs.
Tensor cdist(const Tensor& a, const Tensor& b, double p = 2);

}  // namespace hekla
