// Adadelta.
#pragma once

#include "ops/optim/optimizer.h"

namespace hekla {

/// Options of Adadelta; Keras's defaults.
struct AdadeltaOptions {
  LearningRate learning_rate = 0.001;
  double rho = 0.95;  ///< in [0, 1)
  double epsilon = 1e-7;
};

/// Keras's Adadelta. With gradient g and learning rate lr (the paper's is 1):
///   a <- rho a + (1 - rho) g^2;  d = -sqrt(b + epsilon) / sqrt(a + epsilon) g
///   b <- rho b + (1 - rho) d^2;  x <- x + lr d
/// Keeps "accumulated_grad" (a) and "accumulated_delta_var" (b). (Zeiler: ADADELTA: An Adaptive Learning Rate
/// Method, 2012.) Throws hekla::Error on a rho outside [0, 1), on an epsilon that is not positive and finite
/// (with 0 no variable would ever change), and as Optimizer.
struct Adadelta : Optimizer {
  explicit Adadelta(const AdadeltaOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
