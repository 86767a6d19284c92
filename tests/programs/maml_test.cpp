// Model-agnostic meta-learning (Finn, Abbeel, Levine, ICML 2017): weights from which one step of gradient descent solves
// any task of a family.
#include <doctest/doctest.h>

#include <numbers>
#include <vector>

#include "hekla.h"

TEST_CASE("programs: MAML learns weights that one step adapts to either task") {
  hk::set_random_seed(2);
  hk::Sequential model({hk::Input({1}), hk::Dense(16, hk::tanh), hk::Dense(1)});
  const std::vector<hk::Tensor> weights = model.weights();

  // Two tasks: sin x and -sin x. A function that does not know the task is off by 1/2 at best, the mean of sin^2.
  const hk::Tensor x = hk::reshape(hk::linspace(-std::numbers::pi, std::numbers::pi, 32), {32, 1});
  std::vector<hk::Tensor> before, after;
  for (const double sign : {1.0, -1.0}) {
    const hk::Tensor targets = sign * hk::sin(x);
    before.push_back(hk::mean_squared_error(targets, model(x)));
    std::vector<hk::Tensor> adapted;
    const std::vector<hk::Tensor> slopes = hk::grad(before.back(), weights);
    for (std::size_t i = 0; i < weights.size(); ++i) adapted.push_back(weights[i] - 0.1 * slopes[i]);
    after.push_back(hk::mean_squared_error(targets, model(x, {.weights = adapted})));
  }
  const hk::Tensor loss = (after[0] + after[1]) / 2;
  hk::Optimizer optimizer = hk::Adam({.learning_rate = 0.01});
  hk::Program step =
      hk::compile({.outputs = {loss, (before[0] + before[1]) / 2},
                   .updates = optimizer.step(weights, hk::grad(loss, weights))});  // gradients of gradients
  CHECK(step.run()[0].item() > 0.2);                                               // of random weights
  const std::vector<hk::Tensor> losses = step.run(400);
  CHECK(losses[0].item() < 0.1);
  CHECK(losses[1].item() >= 0.48);  // 31/64 is the mean of sin^2 at these 32 points
}
