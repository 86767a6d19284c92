// Adam and AdamW.
#pragma once

#include <string>

#include "ops/optim/optimizer.h"

namespace hekla {

/// Options of Adam and AdamW; Keras's defaults. PyTorch's epsilon is 1e-8.
struct AdamOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;    ///< in [0, 1)
  double beta_2 = 0.999;  ///< in [0, 1)
  double epsilon = 1e-7;
  bool amsgrad = false;
};

/// What Adam does with one variable. Throws hekla::Error as Adam, with `name` as the prefix.
OptimizerRule adam_rule(const std::string& name, const AdamOptions& options);

/// Keras's Adam. With gradient g, learning rate lr and t counting the steps from 1:
///   m <- m + (1 - beta_1) (g - m);  v <- v + (1 - beta_2) (g^2 - v)
///   x <- x - lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)
/// amsgrad: the largest v so far takes v's place in the last line.
/// Keeps "momentum" (m), "velocity" (v) and "velocity_hat" (amsgrad's). (Kingma, Ba: Adam, ICLR 2015; Reddi,
/// Kale, Kumar: On the Convergence of Adam and Beyond, ICLR 2018.)
/// Throws hekla::Error on a beta outside [0, 1), on an epsilon that is negative or not finite, and as
/// Optimizer.
struct Adam : Optimizer {
  explicit Adam(const AdamOptions& options = {}, const UpdateOptions& shared = {});
};

/// Adam with decoupled weight decay, 0.004 unless another is given (see UpdateOptions). Keeps and throws the
/// same. (Loshchilov, Hutter: Decoupled Weight Decay Regularization, ICLR 2019.)
struct AdamW : Optimizer {
  explicit AdamW(const AdamOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
