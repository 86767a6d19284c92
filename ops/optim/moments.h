// Moving averages and roots, parts of many optimizers.
#pragma once

#include "graph/tensor.h"
#include "ops/optim/placement.h"

namespace hekla {

/// average + (1 - decay) (now - average): the new value of an exponential moving average.
Tensor moving_average(const Tensor& average, const Tensor& now, double decay);

/// 1 - beta^t, the total weight of the values in a moving average that started at 0, after t steps. Computed
/// so that rounding does not cost the first steps their digits.
Tensor bias_correction(const Tensor& t, double beta);

/// sqrt(square + epsilon) or sqrt(square) + epsilon.
Tensor root_of(const Tensor& square, double epsilon, EpsilonPlacement placement);

}  // namespace hekla
