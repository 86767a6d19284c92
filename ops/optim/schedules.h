// Keras's schedules, functions of a step s (an f32 scalar counted from 0):
//   hk::SGD({.learning_rate = hk::CosineDecay{.initial_learning_rate = 0.1, .decay_steps = 10'000}})
// Their numbers are checked when they are called, which is when an optimizer is made with them: the Error is
// thrown then. f32 counts steps up to 16,777,216.
#pragma once

#include <vector>

#include "graph/tensor.h"
#include "ops/optim/learning_rate.h"

namespace hekla {

/// initial_learning_rate decay_rate^(s / decay_steps); staircase: with the integer part of s / decay_steps.
/// Throws hekla::Error when decay_steps or decay_rate is not positive, or initial_learning_rate negative.
struct ExponentialDecay {
  double initial_learning_rate = 0.01;
  double decay_steps = 1;
  double decay_rate = 1;
  bool staircase = false;
  Tensor operator()(const Tensor& step) const;
};

/// initial_learning_rate / (1 + decay_rate s / decay_steps); staircase: with the integer part of s /
/// decay_steps. Throws hekla::Error when decay_steps is not positive, another number negative.
struct InverseTimeDecay {
  double initial_learning_rate = 0.01;
  double decay_steps = 1;
  double decay_rate = 1;
  bool staircase = false;
  Tensor operator()(const Tensor& step) const;
};

/// (initial_learning_rate - end_learning_rate) (1 - s / decay_steps)^power + end_learning_rate, constant from
/// decay_steps on. cycle: instead of staying constant it restarts, with decay_steps times the smallest whole
/// number, 1 or more, that reaches s. Throws hekla::Error when decay_steps or power is not positive, a rate
/// negative.
struct PolynomialDecay {
  double initial_learning_rate = 0.01;
  double decay_steps = 1;
  double end_learning_rate = 0.0001;
  double power = 1;
  bool cycle = false;
  Tensor operator()(const Tensor& step) const;
};

/// values[i] while s <= boundaries[i], the last value afterwards. Throws hekla::Error unless there is one
/// more value than boundaries, boundaries increase, and no value is negative.
struct PiecewiseConstantDecay {
  std::vector<double> boundaries;
  std::vector<double> values;
  Tensor operator()(const Tensor& step) const;
};

/// initial_learning_rate ((1 - alpha) (1 + cos(pi s / decay_steps)) / 2 + alpha), constant at alpha
/// initial_learning_rate from decay_steps on. With warmup_steps the rate first increases linearly from
/// initial_learning_rate to warmup_target and decays from there. (Loshchilov, Hutter: SGDR, ICLR 2017.)
/// Throws hekla::Error when decay_steps is not positive, another number negative.
struct CosineDecay {
  double initial_learning_rate = 0.01;
  double decay_steps = 1;
  double alpha = 0;
  double warmup_target = 0;  ///< used only with warmup_steps
  double warmup_steps = 0;
  Tensor operator()(const Tensor& step) const;
};

/// CosineDecay over first_decay_steps, restarted again and again: each period is t_mul times as long as the
/// one before and starts m_mul times as high. (Loshchilov, Hutter: SGDR, ICLR 2017.) Throws hekla::Error when
/// first_decay_steps is not positive, t_mul is below 1 or another number negative.
struct CosineDecayRestarts {
  double initial_learning_rate = 0.01;
  double first_decay_steps = 1;
  double t_mul = 2;
  double m_mul = 1;
  double alpha = 0;
  Tensor operator()(const Tensor& step) const;
};

/// Any learning rate after a linear warmup: from + (rate(0) - from) s / warmup_steps while s < warmup_steps,
/// then rate(s - warmup_steps). Throws hekla::Error when warmup_steps is not positive or `from` negative.
struct LinearWarmup {
  LearningRate rate = 0.01;
  double warmup_steps = 1;
  double from = 0;
  Tensor operator()(const Tensor& step) const;
};

}  // namespace hekla
