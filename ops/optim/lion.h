// Lion.
#pragma once

#include "ops/optim/optimizer.h"

namespace hekla {

/// Options of Lion; Keras's defaults.
struct LionOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;   ///< in [0, 1)
  double beta_2 = 0.99;  ///< in [0, 1)
};

/// Keras's Lion, which steps by the sign. With gradient g and learning rate lr:
///   x <- x - lr sign(beta_1 m + (1 - beta_1) g);  m <- beta_2 m + (1 - beta_2) g
/// Keeps "momentum" (m). (Chen et al.: Symbolic Discovery of Optimization Algorithms, NeurIPS 2023.) Throws
/// hekla::Error on a beta outside [0, 1), and as Optimizer.
struct Lion : Optimizer {
  explicit Lion(const LionOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
