// Parts of many optimizers.
#pragma once

#include "graph/tensor.h"
#include "ops/optim/placement.h"

namespace hekla {

/// average + (1 - decay) (now - average): what a moving average becomes.
Tensor moving_average(const Tensor& average, const Tensor& now, double decay);

/// 1 - beta^t, the weight of what a moving average that started at 0 has seen after t steps; without the
/// rounding that would leave the first steps few digits.
Tensor bias_correction(const Tensor& t, double beta);

/// sqrt(square + epsilon) or sqrt(square) + epsilon.
Tensor root_of(const Tensor& square, double epsilon, EpsilonPlacement placement);

}  // namespace hekla
