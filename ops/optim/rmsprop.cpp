// RMSprop.
#include "ops/optim/rmsprop.h"

#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/optim/moments.h"

namespace hekla {

namespace {

OptimizerRule rule_of(const RMSpropOptions& o) {
  check_decay("rmsprop", "rho", o.rho);
  check_decay("rmsprop", "momentum", o.momentum);
  check_not_negative("rmsprop", "epsilon", o.epsilon);
  OptimizerRule rule{.name = "rmsprop", .slots = {{"velocity"}}};
  if (o.momentum > 0) rule.slots.push_back({"momentum"});
  if (o.centered) rule.slots.push_back({"average_gradient"});
  rule.begin = [o](const OptimizerRule::Time& now) -> OptimizerRule::Step {
    const bool rate_first = o.learning_rate_placement == LearningRatePlacement::before_momentum;
    return {.apply = [=](const Tensor& x, const Tensor& g,
                         const std::vector<Tensor>& slots) -> OptimizerRule::Change {
      const Tensor velocity = moving_average(slots[0], square(g), o.rho);
      OptimizerRule::Change change{.x = {}, .slots = {velocity}};
      Tensor spread = velocity, average;
      if (o.centered) {
        average = moving_average(slots.back(), g, o.rho);
        // A variance; rounding can make it negative where gradients hardly change.
        spread = maximum(velocity - square(average), 0);
      }
      const Tensor direction = rate_first ? now.learning_rate * g : g;
      Tensor step = direction / root_of(spread, o.epsilon, o.epsilon_placement);
      if (o.momentum > 0) {
        step = o.momentum * slots[1] + step;
        change.slots.push_back(step);
      }
      if (o.centered) change.slots.push_back(average);
      change.x = x - (rate_first ? step : now.learning_rate * step);
      return change;
    }};
  };
  return rule;
}

}  // namespace

RMSprop::RMSprop(const RMSpropOptions& options, const UpdateOptions& shared)
    : Optimizer(rule_of(options), options.learning_rate, shared) {}

}  // namespace hekla
