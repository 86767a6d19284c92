// Adadelta.
#include "ops/optim/adadelta.h"

#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/optim/moments.h"

namespace hekla {

namespace {

OptimizerRule rule_of(const AdadeltaOptions& o) {
  check_decay("adadelta", "rho", o.rho);
  check_positive("adadelta", "epsilon", o.epsilon);
  return {.name = "adadelta",
          .slots = {{"accumulated_grad"}, {"accumulated_delta_var"}},
          .begin = [rho = o.rho, epsilon = o.epsilon](const OptimizerRule::Time& now) -> OptimizerRule::Step {
            return {.apply = [=](const Tensor& x, const Tensor& g,
                                 const std::vector<Tensor>& slots) -> OptimizerRule::Change {
              const Tensor squares = moving_average(slots[0], square(g), rho);
              const Tensor delta = -sqrt(slots[1] + epsilon) / sqrt(squares + epsilon) * g;
              return {.x = x + now.learning_rate * delta,
                      .slots = {squares, moving_average(slots[1], square(delta), rho)}};
            }};
          }};
}

}  // namespace

Adadelta::Adadelta(const AdadeltaOptions& options, const UpdateOptions& shared)
    : Optimizer(rule_of(options), options.learning_rate, shared) {}

}  // namespace hekla
