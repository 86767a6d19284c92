// Stochastic gradient descent.
#include "ops/optim/sgd.h"

#include <fmt/format.h>

#include <cmath>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"

namespace hekla {

Sgd::Sgd(const Options& options) : options_(options) {
  if (!std::isfinite(options.learning_rate) || options.learning_rate < 0) {
    throw Error(fmt::format("[sgd] learning rate is {}; it must be a finite number, not negative.",
                            options.learning_rate));
  }
  if (!(options.momentum >= 0 && options.momentum < 1)) {
    throw Error(fmt::format("[sgd] momentum is {}; it must lie in [0, 1).", options.momentum));
  }
  learning_rate_ = variable(constant(options.learning_rate), "learning_rate");
}

std::vector<Update> Sgd::step(std::span<const Tensor> variables, std::span<const Tensor> gradients) {
  if (variables.size() != gradients.size()) {
    throw Error(fmt::format("[sgd] {} variables and {} gradients; each variable needs its gradient.",
                            variables.size(), gradients.size()));
  }
  if (options_.momentum != 0 && velocities_.empty()) {
    for (const Tensor& x : variables)
      velocities_.push_back(variable(zeros_like(x), x.node().label + "/velocity"));
  }
  if (options_.momentum != 0 && velocities_.size() != variables.size()) {
    throw Error(fmt::format(
        "[sgd] {} variables, but the velocities kept are for {}; use one optimizer for one list of "
        "variables.",
        variables.size(), velocities_.size()));
  }
  std::vector<Update> updates;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Tensor& x = variables[i];
    const Tensor descent = learning_rate_ * gradients[i];
    if (options_.momentum == 0) {
      updates.push_back({x, x - descent});
      continue;
    }
    const Tensor velocity = options_.momentum * velocities_[i] - descent;
    updates.push_back({velocities_[i], velocity});
    updates.push_back({x, options_.nesterov ? x + options_.momentum * velocity - descent : x + velocity});
  }
  return updates;
}

}  // namespace hekla
