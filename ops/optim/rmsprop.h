// RMSprop.
#pragma once

#include "ops/optim/optimizer.h"
#include "ops/optim/placement.h"

namespace hekla {

/// Options of RMSprop; Keras's defaults. PyTorch's are a learning rate of 0.01, rho 0.99, epsilon 1e-8
/// outside_root and the learning rate after_momentum.
struct RMSpropOptions {
  LearningRate learning_rate = 0.001;
  double rho = 0.9;     ///< in [0, 1)
  double momentum = 0;  ///< in [0, 1)
  double epsilon = 1e-7;
  bool centered = false;
  EpsilonPlacement epsilon_placement = EpsilonPlacement::inside_root;
  LearningRatePlacement learning_rate_placement = LearningRatePlacement::before_momentum;
};

/// RMSprop as in Keras. With gradient g and learning rate lr:
///   v <- rho v + (1 - rho) g^2;  d = v
///   centered:     a <- rho a + (1 - rho) g;  d = v - a^2
///   no momentum:  x <- x - lr g / sqrt(d + epsilon)
///   momentum:     m <- momentum m + lr g / sqrt(d + epsilon);  x <- x - m
/// See EpsilonPlacement and LearningRatePlacement for PyTorch's. Keeps "velocity" (v), "momentum" (m) and
/// "average_gradient" (a). (Tieleman, Hinton: Lecture 6.5, Coursera, 2012; Graves: Generating Sequences
/// With Recurrent Neural Networks, 2013.)
/// Throws hekla::Error on a rho or momentum outside [0, 1), on an epsilon that is negative or not finite, and
/// as Optimizer.
struct RMSprop : Optimizer {
  explicit RMSprop(const RMSpropOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
