// Adamax.
#pragma once

#include "ops/optim/optimizer.h"

namespace hekla {

/// Options of Adamax; Keras's defaults.
struct AdamaxOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;    ///< in [0, 1)
  double beta_2 = 0.999;  ///< in [0, 1)
  double epsilon = 1e-7;
};

/// Keras's Adamax, Adam with a maximum in place of squares. With gradient g, learning rate lr and t counting
/// the steps from 1:
///   m <- m + (1 - beta_1) (g - m);  u <- max(beta_2 u, |g|)
///   x <- x - lr / (1 - beta_1^t) m / (u + epsilon)
/// Keeps "momentum" (m) and "norm" (u). (Kingma, Ba: Adam, section 7.1, ICLR 2015.)
/// Throws hekla::Error on a beta outside [0, 1), on an epsilon that is negative or not finite, and as
/// Optimizer.
struct Adamax : Optimizer {
  explicit Adamax(const AdamaxOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
