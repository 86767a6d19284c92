// Regularizers: the penalty on a weight that is added to the loss (keras/src/regularizers).
#pragma once

#include <functional>

#include "graph/tensor.h"

namespace hekla {

/// Returns a scalar, the penalty on a weight.
using Regularizer = std::function<Tensor(const Tensor& weight)>;

/// factor * sum of |w|.
Regularizer l1(double factor = 0.01);
/// factor * sum of w^2.
Regularizer l2(double factor = 0.01);
/// l1 * sum of |w| + l2 * sum of w^2.
Regularizer l1_l2(double l1 = 0.01, double l2 = 0.01);

}  // namespace hekla
