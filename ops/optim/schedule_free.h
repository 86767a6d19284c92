// Schedule-free AdamW.
#pragma once

#include "ops/optim/optimizer.h"

namespace hekla {

/// Options of ScheduleFreeAdamW; Keras's defaults.
struct ScheduleFreeOptions {
  LearningRate learning_rate = 0.0025;
  double beta_1 = 0.9;    ///< in (0, 1)
  double beta_2 = 0.999;  ///< in [0, 1)
  double epsilon = 1e-8;
  int warmup_steps = 0;  ///< of which the learning rate grows linearly; not negative
};

/// Keras's ScheduleFreeAdamW: the variable y lies between z, which the gradients move, and the average x of all z, and needs
/// no schedule. With gradient g, learning rate lr and t counting the steps from 1:
///   v <- v + (1 - beta_2) (g^2 - v)
///   x = (y - (1 - beta_1) z) / beta_1
///   z <- z - lr min(1, t / warmup_steps) g / (sqrt(v / (1 - beta_2^t)) + epsilon)
///   y <- (1 - beta_1) z + beta_1 (x + (z - x) / t)
/// Keeps "momentum" (z), which starts as the variable, and "velocity" (v). (Defazio et al.: The Road Less Scheduled,
/// NeurIPS 2024.)
/// Throws hekla::Error on numbers out of range, and as Optimizer.
struct ScheduleFreeAdamW : Optimizer {
  explicit ScheduleFreeAdamW(const ScheduleFreeOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
