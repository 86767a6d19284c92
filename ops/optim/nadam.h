// Nadam.
#pragma once

#include "ops/optim/optimizer.h"

namespace hekla {

/// Options of Nadam; Keras's defaults.
struct NadamOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;    ///< in [0, 1)
  double beta_2 = 0.999;  ///< in [0, 1)
  double epsilon = 1e-7;
};

/// Keras's Nadam, Adam with Nesterov momentum. With gradient g, learning rate lr, t counting the steps from 1
/// and u_t = beta_1 (1 - 0.96^t / 2):
///   p <- p u_t;  m <- m + (1 - beta_1) (g - m);  v <- v + (1 - beta_2) (g^2 - v)
///   h = u_(t+1) m / (1 - p u_(t+1)) + (1 - u_t) g / (1 - p)
///   x <- x - lr h / (sqrt(v / (1 - beta_2^t)) + epsilon)
/// Keeps "momentum" (m) and "velocity" (v) for each variable, and "u_product" (p, initially 1) once. (Dozat:
/// Incorporating Nesterov Momentum into Adam, ICLR Workshop 2016.) Throws hekla::Error on a beta outside [0,
/// 1), on an epsilon that is negative or not finite, and as Optimizer.
struct Nadam : Optimizer {
  explicit Nadam(const NadamOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
