// Stochastic gradient descent.
#pragma once

#include "ops/optim/optimizer.h"
#include "ops/optim/placement.h"

namespace hekla {

/// Options of SGD; Keras's defaults.
struct SgdOptions {
  LearningRate learning_rate = 0.01;
  double momentum = 0;  ///< in [0, 1)
  bool nesterov = false;
  LearningRatePlacement learning_rate_placement = LearningRatePlacement::before_momentum;
};

/// Stochastic gradient descent as in Keras. With gradient g and learning rate lr:
///   no momentum:  x <- x - lr g
///   momentum:     v <- momentum v - lr g;  x <- x + v
///   nesterov:     v <- momentum v - lr g;  x <- x + momentum v - lr g
/// and with the learning rate after_momentum, as in PyTorch:
///   momentum:     v <- momentum v + g;  x <- x - lr v
///   nesterov:     v <- momentum v + g;  x <- x - lr (g + momentum v)
/// Keeps "momentum" (v). (Sutskever et al.: On the importance of initialization and momentum in deep
/// learning, ICML 2013.)
/// Throws hekla::Error on a momentum outside [0, 1), and as Optimizer.
struct SGD : Optimizer {
  explicit SGD(const SgdOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
