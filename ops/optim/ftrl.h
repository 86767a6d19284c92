// Ftrl.
#pragma once

#include "ops/optim/optimizer.h"

namespace hekla {

/// Options of Ftrl; Keras's defaults.
struct FtrlOptions {
  LearningRate learning_rate = 0.001;
  double learning_rate_power = -0.5;
  double initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0;
  double l2_regularization_strength = 0;
  double l2_shrinkage_regularization_strength = 0;
  double beta = 0;
};

/// Keras's Ftrl, "follow the regularized leader". With gradient g, learning rate lr, p = -learning_rate_power, l1 the
/// l1_regularization_strength, l2 = l2_regularization_strength + beta / (2 lr) and s the
/// l2_shrinkage_regularization_strength:
///   n' = n + g^2;  z <- z + g + 2 s x - (n'^p - n^p) / lr x;  n <- n'
///   x <- (clip(z, -l1, l1) - z) / (n^p / lr + 2 l2)
/// Keeps "accumulator" (n, initially initial_accumulator_value) and "linear" (z). (McMahan et al.: Ad Click Prediction, KDD
/// 2013.) Throws hekla::Error on a learning_rate_power above 0, on other numbers that are negative, on numbers that are not
/// finite, and as Optimizer.
struct Ftrl : Optimizer {
  explicit Ftrl(const FtrlOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
