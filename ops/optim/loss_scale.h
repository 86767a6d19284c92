// Loss scaling.
#pragma once

#include "ops/optim/optimizer.h"

namespace hekla {

/// Options of LossScaleOptimizer; Keras's defaults.
struct LossScaleOptions {
  double initial_scale = 32768;     ///< positive
  int dynamic_growth_steps = 2000;  ///< 1 or more
};

/// Keras's LossScaleOptimizer, for products in f16 (see MatmulPrecision), whose small gradients would vanish: training
/// differentiates scale_loss(loss), the loss times a scale, and a step divides the gradients by it before the other
/// optimizer sees them. A gradient that is not finite skips the step and halves the scale;
/// dynamic_growth_steps steps in a row without one double it. Keeps "step_counter" and "dynamic_scale" beside what the other
/// one keeps; learning rate, counter and averages are the other one's.
///   Optimizer optimizer = LossScaleOptimizer(Adam());
///   Program step = compile({.updates = optimizer.step(weights, grad(optimizer.scale_loss(loss), weights))});
/// Throws hekla::Error on a scale that is not positive and finite, on fewer than one step, and as the other one.
struct LossScaleOptimizer : Optimizer {
  explicit LossScaleOptimizer(const Optimizer& inner, const LossScaleOptions& options = {});
};

}  // namespace hekla
