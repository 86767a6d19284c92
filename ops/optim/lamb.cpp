// Lamb.
#include "ops/optim/lamb.h"

#include "ops/elementwise.h"
#include "ops/optim/checks.h"
#include "ops/optim/moments.h"
#include "ops/reduce.h"

namespace hekla {

namespace {

Tensor length_of(const Tensor& x) { return sqrt(sum(square(x))); }

OptimizerRule rule_of(const LambOptions& o) {
  check_not_negative("lamb", "epsilon", o.epsilon);
  check_decay("lamb", "beta_1", o.beta_1);
  check_decay("lamb", "beta_2", o.beta_2);
  return {.name = "lamb",
          .slots = {{"momentum"}, {"velocity"}},
          .begin = [o](const OptimizerRule::Time& now) -> OptimizerRule::Step {
            const Tensor of_mean = bias_correction(now.t, o.beta_1),
                         of_square = bias_correction(now.t, o.beta_2);
            return {.apply = [=](const Tensor& x, const Tensor& g,
                                 const std::vector<Tensor>& slots) -> OptimizerRule::Change {
              const Tensor mean = moving_average(slots[0], g, o.beta_1);
              const Tensor mean_square = moving_average(slots[1], square(g), o.beta_2);
              const Tensor u = mean / of_mean / (sqrt(mean_square / of_square) + o.epsilon);
              const Tensor of_x = length_of(x), of_u = length_of(u);
              const Tensor scale = where(of_x == 0 || of_u == 0, 1, of_x / where(of_u == 0, 1, of_u));
              return {.x = x - now.learning_rate * scale * u, .slots = {mean, mean_square}};
            }};
          }};
}

}  // namespace

Lamb::Lamb(const LambOptions& options, const UpdateOptions& shared)
    : Optimizer(rule_of(options), options.learning_rate, shared) {}

}  // namespace hekla
