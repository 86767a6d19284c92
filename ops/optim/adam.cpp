// Adam and AdamW.
#include "ops/optim/adam.h"

#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/optim/moments.h"

namespace hekla {

OptimizerRule adam_rule(const std::string& name, const AdamOptions& o) {
  check_not_negative(name, "epsilon", o.epsilon);
  check_decay(name, "beta_1", o.beta_1);
  check_decay(name, "beta_2", o.beta_2);
  OptimizerRule rule{.name = name, .slots = {{"momentum"}, {"velocity"}}};
  if (o.amsgrad) rule.slots.push_back({"velocity_hat"});
  rule.begin = [o](const OptimizerRule::Time& now) -> OptimizerRule::Step {
    const Tensor rate =
        now.learning_rate * sqrt(bias_correction(now.t, o.beta_2)) / bias_correction(now.t, o.beta_1);
    return {.apply = [=](const Tensor& x, const Tensor& g,
                         const std::vector<Tensor>& slots) -> OptimizerRule::Change {
      const Tensor mean = moving_average(slots[0], g, o.beta_1);
      const Tensor mean_square = moving_average(slots[1], square(g), o.beta_2);
      OptimizerRule::Change change{.x = {}, .slots = {mean, mean_square}};
      if (o.amsgrad) change.slots.push_back(maximum(slots[2], mean_square));
      change.x = x - rate * mean / (sqrt(change.slots.back()) + o.epsilon);
      return change;
    }};
  };
  return rule;
}

namespace {

UpdateOptions with_decay(UpdateOptions options) {
  if (!options.weight_decay) options.weight_decay = 0.004;
  return options;
}

}  // namespace

Adam::Adam(const AdamOptions& options, const UpdateOptions& shared)
    : Optimizer(adam_rule("adam", options), options.learning_rate, shared) {}

AdamW::AdamW(const AdamOptions& options, const UpdateOptions& shared)
    : Optimizer(adam_rule("adamw", options), options.learning_rate, with_decay(shared)) {}

}  // namespace hekla
