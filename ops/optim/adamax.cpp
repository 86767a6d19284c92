// Adamax.
#include "ops/optim/adamax.h"

#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/optim/moments.h"

namespace hekla {

namespace {

OptimizerRule rule_of(const AdamaxOptions& o) {
  check_not_negative("adamax", "epsilon", o.epsilon);
  check_decay("adamax", "beta_1", o.beta_1);
  check_decay("adamax", "beta_2", o.beta_2);
  return {.name = "adamax",
          .slots = {{"momentum"}, {"norm"}},
          .begin = [o](const OptimizerRule::Time& now) -> OptimizerRule::Step {
            const Tensor rate = now.learning_rate / bias_correction(now.t, o.beta_1);
            return {.apply = [=](const Tensor& x, const Tensor& g,
                                 const std::vector<Tensor>& slots) -> OptimizerRule::Change {
              const Tensor mean = moving_average(slots[0], g, o.beta_1);
              const Tensor norm = maximum(o.beta_2 * slots[1], abs(g));
              return {.x = x - rate * mean / (norm + o.epsilon), .slots = {mean, norm}};
            }};
          }};
}

}  // namespace

Adamax::Adamax(const AdamaxOptions& options, const UpdateOptions& shared)
    : Optimizer(rule_of(options), options.learning_rate, shared) {}

}  // namespace hekla
