// Stochastic gradient descent.
#include "ops/optim/sgd.h"

#include "ops/elementwise.h"
#include "ops/optim/checks.h"

namespace hekla {

namespace {

OptimizerRule rule_of(const SgdOptions& o) {
  check_decay("sgd", "momentum", o.momentum);
  OptimizerRule rule{.name = "sgd"};
  if (o.momentum != 0) rule.slots = {{"momentum"}};
  rule.begin = [momentum = o.momentum, nesterov = o.nesterov, placement = o.learning_rate_placement](
                   const OptimizerRule::Time& now) -> OptimizerRule::Step {
    const Tensor rate = now.learning_rate;
    if (momentum == 0) {
      return {
          .apply = [=](const Tensor& x, const Tensor& g,
                       const std::vector<Tensor>&) -> OptimizerRule::Change { return {.x = x - rate * g}; }};
    }
    if (placement == LearningRatePlacement::after_momentum) {
      return {.apply = [=](const Tensor& x, const Tensor& g,
                           const std::vector<Tensor>& slots) -> OptimizerRule::Change {
        const Tensor velocity = momentum * slots[0] + g;
        return {.x = x - rate * (nesterov ? g + momentum * velocity : velocity), .slots = {velocity}};
      }};
    }
    return {.apply = [=](const Tensor& x, const Tensor& g,
                         const std::vector<Tensor>& slots) -> OptimizerRule::Change {
      const Tensor descent = rate * g;
      const Tensor velocity = momentum * slots[0] - descent;
      return {.x = nesterov ? x + momentum * velocity - descent : x + velocity, .slots = {velocity}};
    }};
  };
  return rule;
}

}  // namespace

SGD::SGD(const SgdOptions& options, const UpdateOptions& shared)
    : Optimizer(rule_of(options), options.learning_rate, shared) {}

}  // namespace hekla
