// Lion.
#include "ops/optim/lion.h"

#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/optim/moments.h"

namespace hekla {

namespace {

OptimizerRule rule_of(const LionOptions& o) {
  check_decay("lion", "beta_1", o.beta_1);
  check_decay("lion", "beta_2", o.beta_2);
  return {.name = "lion",
          .slots = {{"momentum"}},
          .begin = [b1 = o.beta_1, b2 = o.beta_2](const OptimizerRule::Time& now) -> OptimizerRule::Step {
            return {.apply = [=](const Tensor& x, const Tensor& g,
                                 const std::vector<Tensor>& slots) -> OptimizerRule::Change {
              return {.x = x - now.learning_rate * sign(b1 * slots[0] + (1 - b1) * g),
                      .slots = {moving_average(slots[0], g, b2)}};
            }};
          }};
}

}  // namespace

Lion::Lion(const LionOptions& options, const UpdateOptions& shared)
    : Optimizer(rule_of(options), options.learning_rate, shared) {}

}  // namespace hekla
