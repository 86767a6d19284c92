// Adam.
#include "ops/optim/adam.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"

namespace hekla {

namespace {

void check_not_negative(std::string_view what, double number) {
  if (!std::isfinite(number) || number < 0) {
    throw Error(fmt::format("[adam] {} is {}; it must be a finite number, not negative.", what, number));
  }
}

void check_decay(std::string_view what, double beta) {
  if (!(beta >= 0 && beta < 1))
    throw Error(fmt::format("[adam] {} is {}; it must lie in [0, 1).", what, beta));
}

// 1 - beta^t, without the rounding that would leave the first steps few digits.
Tensor warmth(const Tensor& t, double beta) { return beta == 0 ? ones_like(t) : -expm1(t * std::log(beta)); }

}  // namespace

Adam::Adam(const Options& options) : options_(options) {
  check_not_negative("learning rate", options.learning_rate);
  check_not_negative("epsilon", options.epsilon);
  check_decay("beta_1", options.beta_1);
  check_decay("beta_2", options.beta_2);
  learning_rate_ = variable(constant(options.learning_rate), "learning_rate");
  iterations_ = variable(zeros({}, DType::i32), "iterations");
}

std::vector<Update> Adam::step(std::span<const Tensor> variables, std::span<const Tensor> gradients) {
  if (variables.size() != gradients.size()) {
    throw Error(fmt::format("[adam] {} variables and {} gradients; each variable needs its gradient.",
                            variables.size(), gradients.size()));
  }
  if (means_.empty()) {
    for (const Tensor& x : variables) {
      const std::string& label = x.node().label;
      means_.push_back(variable(zeros_like(x), label + "/momentum"));
      squares_.push_back(variable(zeros_like(x), label + "/velocity"));
      if (options_.amsgrad) largest_squares_.push_back(variable(zeros_like(x), label + "/velocity_hat"));
    }
  }
  if (means_.size() != variables.size()) {
    throw Error(fmt::format(
        "[adam] {} variables, but the moments kept are for {}; use one optimizer for one list of variables.",
        variables.size(), means_.size()));
  }
  const Tensor steps = iterations_ + 1;
  const Tensor t = cast(steps, DType::f32);
  const Tensor rate = learning_rate_ * sqrt(warmth(t, options_.beta_2)) / warmth(t, options_.beta_1);
  std::vector<Update> updates{{iterations_, steps}};
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Tensor& g = gradients[i];
    const Tensor mean = means_[i] + (g - means_[i]) * (1 - options_.beta_1);
    const Tensor square_mean = squares_[i] + (square(g) - squares_[i]) * (1 - options_.beta_2);
    Tensor spread = square_mean;
    updates.push_back({means_[i], mean});
    updates.push_back({squares_[i], square_mean});
    if (options_.amsgrad) {
      spread = maximum(largest_squares_[i], square_mean);
      updates.push_back({largest_squares_[i], spread});
    }
    updates.push_back({variables[i], variables[i] - rate * mean / (sqrt(spread) + options_.epsilon)});
  }
  return updates;
}

}  // namespace hekla
