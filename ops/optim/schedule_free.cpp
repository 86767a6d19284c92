// Schedule-free AdamW.
#include "ops/optim/schedule_free.h"

#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/optim/moments.h"

namespace hekla {

namespace {

OptimizerRule rule_of(const ScheduleFreeOptions& o) {
  const std::string name = "schedulefreeadamw";
  check_decay(name, "beta_1", o.beta_1);
  check_positive(name, "beta_1", o.beta_1);
  check_decay(name, "beta_2", o.beta_2);
  check_not_negative(name, "epsilon", o.epsilon);
  check_not_negative(name, "warmup_steps", o.warmup_steps);
  return {.name = name,
          .slots = {{.name = "momentum", .starts_as_variable = true}, {"velocity"}},
          .begin = [o](const OptimizerRule::Time& now) -> OptimizerRule::Step {
            const Tensor rate = o.warmup_steps > 0 ? now.learning_rate * minimum(now.t / o.warmup_steps, 1)
                                                   : now.learning_rate;
            const Tensor correction = bias_correction(now.t, o.beta_2);
            return {.apply = [=, t = now.t](const Tensor& y, const Tensor& g,
                                            const std::vector<Tensor>& slots) -> OptimizerRule::Change {
              const Tensor& z = slots[0];
              const Tensor velocity = moving_average(slots[1], square(g), o.beta_2);
              const Tensor next = z - rate * g / (sqrt(velocity / correction) + o.epsilon);
              const Tensor x = (y - (1 - o.beta_1) * z) / o.beta_1;
              const Tensor average = x + (next - x) / t;
              return {.x = (1 - o.beta_1) * next + o.beta_1 * average, .slots = {next, velocity}};
            }};
          }};
}

}  // namespace

ScheduleFreeAdamW::ScheduleFreeAdamW(const ScheduleFreeOptions& options, const UpdateOptions& shared)
    : Optimizer(rule_of(options), options.learning_rate, shared) {}

}  // namespace hekla
