// Adafactor.
#pragma once

#include "ops/optim/optimizer.h"

namespace hekla {

/// Options of Adafactor; Keras's defaults. (Keras's relative_step changes nothing there and is left out.)
struct AdafactorOptions {
  LearningRate learning_rate = 0.001;
  double beta_2_decay = -0.8;  ///< below 0
  double epsilon_1 = 1e-30;
  double epsilon_2 = 1e-3;
  double clip_threshold = 1;
};

/// Keras's Adafactor, which keeps of the squares of the gradients of a matrix only means over rows and columns. With
/// gradient g, learning rate lr, t counting the steps from 1, b = 1 - t^beta_2_decay, s = g^2 + epsilon_1 and rms(y) =
/// sqrt(mean of y^2), for a variable of two axes or more:
///   r <- b r + (1 - b) mean of s over the last axis;  c <- b c + (1 - b) mean of s over the second-last axis
///   v = r c / mean of r over its last axis
/// and for others v <- b v + (1 - b) s. Then
///   u = g / sqrt(v);  x <- x - max(epsilon_2, rms(x)) min(lr, 1 / sqrt(t)) u / max(1, rms(u) / clip_threshold)
/// Keeps "row" (r) and "column" (c), or "velocity" (v); what a variable does not need has no axes. (Shazeer, Stern:
/// Adafactor: Adaptive Learning Rates with Sublinear Memory Cost, ICML 2018.) Throws hekla::Error on a beta_2_decay that is
/// not negative, on an epsilon that is negative, on a clip_threshold that is not positive, on numbers that are not finite,
/// and as Optimizer.
struct Adafactor : Optimizer {
  explicit Adafactor(const AdafactorOptions& options = {}, const UpdateOptions& shared = {});
};

}  // namespace hekla
