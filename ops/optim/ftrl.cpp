// Ftrl.
#include "ops/optim/ftrl.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/optim/checks.h"

namespace hekla {

namespace {

OptimizerRule::Change changed(const FtrlOptions& o, const Tensor& rate, const Tensor& x, const Tensor& g,
                              const std::vector<Tensor>& slots) {
  const Tensor squares = slots[0] + square(g);
  const Tensor before = pow(slots[0], -o.learning_rate_power), after = pow(squares, -o.learning_rate_power);
  const Tensor shrunk = g + 2 * o.l2_shrinkage_regularization_strength * x;
  const Tensor linear = slots[1] + shrunk - (after - before) / rate * x;
  const Tensor l2 = o.l2_regularization_strength + o.beta / (2 * rate);
  const double l1 = o.l1_regularization_strength;
  return {.x = (clip(linear, -l1, l1) - linear) / (after / rate + 2 * l2), .slots = {squares, linear}};
}

OptimizerRule rule_of(const FtrlOptions& o) {
  check_finite("ftrl", "learning_rate_power", o.learning_rate_power);
  if (o.learning_rate_power > 0)
    throw Error(
        fmt::format("[ftrl] learning_rate_power is {}; it must not be positive.", o.learning_rate_power));
  check_not_negative("ftrl", "initial_accumulator_value", o.initial_accumulator_value);
  check_not_negative("ftrl", "l1_regularization_strength", o.l1_regularization_strength);
  check_not_negative("ftrl", "l2_regularization_strength", o.l2_regularization_strength);
  check_not_negative("ftrl", "l2_shrinkage_regularization_strength", o.l2_shrinkage_regularization_strength);
  check_not_negative("ftrl", "beta", o.beta);
  return {.name = "ftrl",
          .slots = {{"accumulator", o.initial_accumulator_value}, {"linear"}},
          .begin = [o](const OptimizerRule::Time& now) -> OptimizerRule::Step {
            return {.apply = [=](const Tensor& x, const Tensor& g, const std::vector<Tensor>& slots) {
              return changed(o, now.learning_rate, x, g, slots);
            }};
          }};
}

}  // namespace

Ftrl::Ftrl(const FtrlOptions& options, const UpdateOptions& shared)
    : Optimizer(rule_of(options), options.learning_rate, shared) {}

}  // namespace hekla
