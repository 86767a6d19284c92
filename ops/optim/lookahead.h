// Lookahead.
#pragma once

#include "ops/optim/optimizer.h"

namespace hekla {

/// Options of Lookahead; the defaults of TensorFlow Addons.
struct LookaheadOptions {
  int sync_period = 6;     ///< 1 or more
  double slow_step = 0.5;  ///< in [0, 1]
};

/// Slow weights that follow those of another optimizer, as tfa.optimizers.Lookahead. After every sync_period steps that
/// the other one counts, s <- s + slow_step (x - s) and x <- s. Keeps "slow" (s), which starts as the variable, beside what
/// the other one keeps; learning rate, counter and averages are the other one's. (Zhang et al.: Lookahead Optimizer, NeurIPS
/// 2019.)
///   Optimizer optimizer = Lookahead(Adam());
/// Throws hekla::Error on a period below 1, on a slow_step outside [0, 1], and as the other one.
struct Lookahead : Optimizer {
  explicit Lookahead(const Optimizer& inner, const LookaheadOptions& options = {});
};

}  // namespace hekla
