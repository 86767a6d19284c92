// What distinguishes one optimizer from another: its state, and how a step changes a variable. Optimizer does
// everything else, from clipping to averages.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// The rule of a custom optimizer, see Optimizer. For example momentum:
///   OptimizerRule{.name = "momentum",
///                 .slots = {{"velocity"}},
///                 .begin = [](const OptimizerRule::Time& now) -> OptimizerRule::Step {
///                   return {.apply = [=](const Tensor& x, const Tensor& g, const std::vector<Tensor>& slots)
///                               -> OptimizerRule::Change {
///                     const Tensor v = 0.9 * slots[0] + g;
///                     return {.x = x - now.learning_rate * v, .slots = {v}};
///                   }};
///                 }}
struct OptimizerRule {
  /// A state variable of the rule, and the initial value of all its elements.
  struct Slot {
    std::string name;
    double initial = 0;
    /// Its shape, given that of its variable; empty: the same.
    std::function<Shape(const Shape& variable)> shape = {};
    /// Starts as a copy of its variable instead.
    bool starts_as_variable = false;
  };
  /// The part of a step that is the same for all variables: f32 scalars.
  struct Time {
    Tensor learning_rate;
    Tensor t;                     ///< counts the steps from 1
    std::vector<Tensor> scalars;  ///< their values before the step
  };
  /// New values of a variable and of its slots.
  struct Change {
    Tensor x;
    std::vector<Tensor> slots = {};
  };
  /// How a step changes a variable x, given its gradient and its slots; and the new values of the scalars.
  struct Step {
    std::function<Change(const Tensor& x, const Tensor& g, const std::vector<Tensor>& slots)> apply;
    std::vector<Tensor> scalars = {};
  };

  std::string name;                ///< in errors
  std::vector<Slot> slots = {};    ///< kept for each variable, f32
  std::vector<Slot> scalars = {};  ///< kept once, f32[]
  /// Called once per step, so that what all variables share is computed once.
  std::function<Step(const Time& now)> begin = {};
  /// In place of UpdateOptions::weight_decay.
  std::optional<double> weight_decay = {};

  /// Where there are any, a variable follows the one whose position `choose` gives, in place of the members above other
  /// than the name. They keep no scalars.
  std::vector<OptimizerRule> alternatives = {};
  std::function<std::size_t(const Tensor& variable)> choose = {};
};

}  // namespace hekla
