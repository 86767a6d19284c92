// Adagrad.
#pragma once

#include "ops/optim/optimizer.h"
#include "ops/optim/placement.h"

namespace hekla {

/// Options of Adagrad; Keras's defaults. PyTorch's are a learning rate of 0.01, an initial_accumulator_value
/// of 0 and an epsilon of 1e-10 outside_root.
struct AdagradOptions {
  LearningRate learning_rate = 0.001;
  double initial_accumulator_value = 0.1;
  double epsilon = 1e-7;
  EpsilonPlacement epsilon_placement = EpsilonPlacement::inside_root;
};

/// Adagrad as in Keras. With gradient g, learning rate lr, and a initialized with initial_accumulator_value:
///   a <- a + g^2;  x <- x - lr g / sqrt(a + epsilon)
/// See EpsilonPlacement for PyTorch's and ONNX's form. Keeps "accumulator" (a). (Duchi, Hazan, Singer:
/// Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, JMLR 12, 2011.) Throws
/// hekla::Error on an initial_accumulator_value or epsilon that is negative or not finite, and as Optimizer.
struct Adagrad : Optimizer {
  explicit Adagrad(const AdagradOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
