// Moving averages.
#include "ops/optim/moments.h"

#include <cmath>

#include "ops/create.h"
#include "ops/elementwise.h"

namespace hekla {

Tensor moving_average(const Tensor& average, const Tensor& now, double decay) {
  return average + (now - average) * (1 - decay);
}

Tensor bias_correction(const Tensor& t, double beta) {
  return beta == 0 ? ones_like(t) : -expm1(t * std::log(beta));
}

Tensor root_of(const Tensor& square, double epsilon, EpsilonPlacement placement) {
  return placement == EpsilonPlacement::inside_root ? sqrt(square + epsilon) : sqrt(square) + epsilon;
}

}  // namespace hekla
