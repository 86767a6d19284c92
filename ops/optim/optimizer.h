// Optimizers: from variables and their gradients to the updates of a training step.
#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/run/evaluator.h"
#include "graph/tensor.h"
#include "ops/optim/learning_rate.h"
#include "ops/optim/rule.h"
#include "ops/optim/update_options.h"

namespace hekla {

/// Any optimizer: SGD, RMSprop, Adagrad, Adadelta, Adafactor, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, Muon, Nadam,
/// ScheduleFreeAdamW, one around others (LossScaleOptimizer, Lookahead, MultiOptimizer) or a custom one.
/// A handle: copies share their state, and the classes named here may be sliced into it.
///   Optimizer optimizer = Adam({.learning_rate = 0.01}, {.global_clipnorm = 1});
///   Program step = compile({.updates = optimizer.step(weights, grad(loss, weights))});
class Optimizer {
 public:
  /// RMSprop with its default options, the default of Keras's compile().
  Optimizer();
  /// By Keras's name, case-insensitively, with default options: "adadelta", "adafactor", "adagrad", "adam", "adamax",
  /// "adamw", "ftrl", "lamb", "lion", "muon", "nadam", "rmsprop", "schedulefreeadamw" or "sgd". Throws hekla::Error on another name.
  template <std::convertible_to<std::string_view> Name>
  Optimizer(const Name& name) : Optimizer(named(name)) {}
  /// A custom optimizer. Throws hekla::Error on a learning rate that is negative or not finite, on a schedule
  /// that does not return an f32 scalar, on options that conflict (see check_options), and on a rule without
  /// `begin`.
  explicit Optimizer(OptimizerRule rule, const LearningRate& learning_rate,
                     const UpdateOptions& options = {});

  /// The updates of one step: of the counter, of each variable and of its state. May be called again with the
  /// same variables, for example for a program with another batch size: the state is shared. Throws
  /// hekla::Error when the lists differ in length, a gradient differs from its variable in shape or dtype, or
  /// a custom rule returns a different number of values than it keeps, and as build().
  std::vector<Update> step(std::span<const Tensor> variables, std::span<const Tensor> gradients);
  /// Makes the state of the variables, as the first step() does: to load saved state before it. Throws
  /// hekla::Error when a variable is not f32, and when another list of variables came first.
  void build(std::span<const Tensor> variables);
  /// The loss whose gradients step() expects: the loss times its scale for a LossScaleOptimizer, for others the loss.
  Tensor scale_loss(const Tensor& loss) const;

  /// Its name, for example "adam".
  const std::string& name() const;
  /// The learning rate of the next step: a scalar variable, so that assigning to it changes compiled steps,
  /// or the schedule applied to the counter.
  Tensor learning_rate() const;
  /// Throws hekla::Error when a schedule decides the learning rate, on a rate that is negative or not finite, and, as
  /// learning_rate(), where there are several.
  void set_learning_rate(double rate);
  /// A scalar variable (i32): the number of completed steps. A step that only accumulates gradients does not
  /// count.
  const Tensor& iterations() const;

  /// All variables of the state, to be saved and loaded: the counter, the learning rate where it is a number,
  /// and, after the first step() or build(), the state of each variable, labelled "<variable's
  /// label>/<Keras's name>". Labels are unique: variables of equal label are distinguished by _1, _2, ...
  std::vector<Tensor> variables() const;

  /// True with use_ema.
  bool keeps_averages() const;
  /// With use_ema, updates that copy the averages to the variables, for the end of training. Throws
  /// hekla::Error where no averages are kept.
  std::vector<Update> use_averages() const;
  /// With use_ema, updates that swap the averages with the variables; running them again swaps back. Errors
  /// as use_averages.
  std::vector<Update> swap_averages() const;

  /// True for copies, which share their state.
  bool operator==(const Optimizer&) const = default;

  /// What stands behind the handle; see optimizer_state.h.
  struct State;

 protected:
  explicit Optimizer(std::shared_ptr<State> state);

 private:
  static Optimizer named(std::string_view name);

  std::shared_ptr<State> state_;
};

}  // namespace hekla
