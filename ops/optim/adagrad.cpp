// Adagrad.
#include "ops/optim/adagrad.h"

#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/optim/moments.h"

namespace hekla {

namespace {

OptimizerRule rule_of(const AdagradOptions& o) {
  check_not_negative("adagrad", "initial_accumulator_value", o.initial_accumulator_value);
  check_not_negative("adagrad", "epsilon", o.epsilon);
  return {.name = "adagrad",
          .slots = {{"accumulator", o.initial_accumulator_value}},
          .begin = [o](const OptimizerRule::Time& now) -> OptimizerRule::Step {
            return {.apply = [=](const Tensor& x, const Tensor& g,
                                 const std::vector<Tensor>& slots) -> OptimizerRule::Change {
              const Tensor squares = slots[0] + square(g);
              const Tensor step = now.learning_rate * g / root_of(squares, o.epsilon, o.epsilon_placement);
              return {.x = x - step, .slots = {squares}};
            }};
          }};
}

}  // namespace

Adagrad::Adagrad(const AdagradOptions& options, const UpdateOptions& shared)
    : Optimizer(rule_of(options), options.learning_rate, shared) {}

}  // namespace hekla
