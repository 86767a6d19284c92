// Lamb.
#pragma once

#include "ops/optim/optimizer.h"

namespace hekla {

/// Options of Lamb; Keras's defaults.
struct LambOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;    ///< in [0, 1)
  double beta_2 = 0.999;  ///< in [0, 1)
  double epsilon = 1e-7;
};

/// Keras's Lamb: Adam's direction, scaled to the length of the variable. With gradient g, learning rate lr, t counting the
/// steps from 1 and |y| the square root of the sum of y^2:
///   m <- m + (1 - beta_1) (g - m);  v <- v + (1 - beta_2) (g^2 - v)
///   u = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon)
///   x <- x - lr |x| / |u| u, or x - lr u where either length is 0
/// Keeps "momentum" (m) and "velocity" (v). (You et al.: Large Batch Optimization for Deep Learning: Training BERT in 76
/// Minutes, ICLR 2020, where the decay of weights is part of u.) Throws hekla::Error on a beta outside [0, 1), on an
/// epsilon that is negative or not finite, and as Optimizer.
struct Lamb : Optimizer {
  explicit Lamb(const LambOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
