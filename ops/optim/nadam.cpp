// Nadam.
#include "ops/optim/nadam.h"

#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/optim/moments.h"

namespace hekla {

namespace {

OptimizerRule::Step begin(const NadamOptions& o, const OptimizerRule::Time& now) {
  const auto momentum_at = [&](const Tensor& t) { return o.beta_1 * (1 - 0.5 * pow(0.96, t)); };
  const Tensor u = momentum_at(now.t), next_u = momentum_at(now.t + 1);
  const Tensor product = now.scalars[0] * u;
  const Tensor of_mean = next_u / (1 - product * next_u), of_gradient = (1 - u) / (1 - product);
  const Tensor correction = bias_correction(now.t, o.beta_2);
  return {.apply = [=, rate = now.learning_rate](const Tensor& x, const Tensor& g,
                                                 const std::vector<Tensor>& slots) -> OptimizerRule::Change {
            const Tensor mean = moving_average(slots[0], g, o.beta_1);
            const Tensor mean_square = moving_average(slots[1], square(g), o.beta_2);
            const Tensor ahead = of_mean * mean + of_gradient * g;
            return {.x = x - rate * ahead / (sqrt(mean_square / correction) + o.epsilon),
                    .slots = {mean, mean_square}};
          },
          .scalars = {product}};
}

OptimizerRule rule_of(const NadamOptions& o) {
  check_not_negative("nadam", "epsilon", o.epsilon);
  check_decay("nadam", "beta_1", o.beta_1);
  check_decay("nadam", "beta_2", o.beta_2);
  return {.name = "nadam",
          .slots = {{"momentum"}, {"velocity"}},
          .scalars = {{"u_product", 1}},
          .begin = [o](const OptimizerRule::Time& now) { return begin(o, now); }};
}

}  // namespace

Nadam::Nadam(const NadamOptions& options, const UpdateOptions& shared)
    : Optimizer(rule_of(options), options.learning_rate, shared) {}

}  // namespace hekla
