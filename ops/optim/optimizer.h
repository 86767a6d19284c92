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

/// Any optimizer: SGD, RMSprop, Adagrad, Adadelta, Adam, AdamW, Adamax, Nadam, Lion or one of your own. A
/// handle: copies share what is kept, and the classes that are named here are made to be copied into one.
///   Optimizer optimizer = Adam({.learning_rate = 0.01}, {.global_clipnorm = 1});
///   Program step = compile({.updates = optimizer.step(weights, grad(loss, weights))});
class Optimizer {
 public:
  /// RMSprop as it comes, the default of Keras's compile().
  Optimizer();
  /// By Keras's name, in letters of any case: "adadelta", "adagrad", "adam", "adamax", "adamw", "lion",
  /// "nadam", "rmsprop" or "sgd", each as it comes. Throws hekla::Error on another name.
  template <std::convertible_to<std::string_view> Name>
  Optimizer(const Name& name) : Optimizer(named(name)) {}
  /// One of your own. Throws hekla::Error on a learning rate that is negative or not finite, on a schedule
  /// that gives no f32 scalar, on options that do not go together (see check_options), and on a rule without
  /// `begin`.
  explicit Optimizer(OptimizerRule rule, const LearningRate& learning_rate,
                     const UpdateOptions& options = {});

  /// The updates of one step: of the counter, of each variable and of what is kept for it. May be called
  /// again, say for a program with another batch size, with the same variables: what is kept is shared.
  /// Throws hekla::Error when the lists differ in length, a gradient is not like its variable or a rule of
  /// your own gives not as many values as it keeps, and as build().
  std::vector<Update> step(std::span<const Tensor> variables, std::span<const Tensor> gradients);
  /// Makes what is kept for the variables, as the first step() does: to load saved state before it. Throws
  /// hekla::Error when a variable is not f32, and when another list of variables came first.
  void build(std::span<const Tensor> variables);

  /// What it is called: "adam".
  const std::string& name() const;
  /// The learning rate of the next step: a scalar variable, so that assigning to it changes compiled steps,
  /// or what the schedule makes of the counter.
  Tensor learning_rate() const;
  /// Throws hekla::Error when a schedule decides the learning rate, or on a rate that is negative or not
  /// finite.
  void set_learning_rate(double rate);
  /// A scalar variable (i32): the steps made so far. A step that only accumulates gradients is none.
  const Tensor& iterations() const;

  /// All variables that are kept, to be saved and loaded: the counter, the learning rate where it is a
  /// number, and from the first step() or build() on those of the variables, labelled "<variable's
  /// label>/<Keras's name>". Labels occur once: variables of equal label are told apart by _1, _2, ...
  std::vector<Tensor> variables() const;

  /// True with use_ema.
  bool keeps_averages() const;
  /// With use_ema, updates that put the averages into the variables, for the end of training. Throws
  /// hekla::Error where no averages are kept.
  std::vector<Update> use_averages() const;
  /// With use_ema, updates by which the averages and the variables change places, and do so back when they
  /// are made once more. Errors as use_averages.
  std::vector<Update> swap_averages() const;

 private:
  struct State;
  static Optimizer named(std::string_view name);

  std::shared_ptr<State> state_;
};

}  // namespace hekla
