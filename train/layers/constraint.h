// Constraints: functions that correct a weight after each update (keras/src/constraints).
#pragma once

#include <functional>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// Returns the corrected weight.
using Constraint = std::function<Tensor(const Tensor& weight)>;

/// w * min(norm, limit) / norm along `axes`: scales a vector that is longer than `limit` down to it. The
/// vectors are, with axes {0}, the weights into each unit of a dense layer and, with {0, 1, 2}, those of each
/// filter of a 2D convolution. Throws hekla::Error unless limit is positive.
Constraint max_norm(double limit = 2, std::vector<int> axes = {0});
/// max(w, 0).
Constraint non_negative();
/// w / norm along `axes`.
Constraint unit_norm(std::vector<int> axes = {0});

}  // namespace hekla
