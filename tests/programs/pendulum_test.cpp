// A differential equation fitted through its solver: the stiffness and the damping of a pendulum from its observed angles.
//   angle'' = -stiffness sin(angle) - damping angle'
#include <doctest/doctest.h>

#include <vector>

#include "hekla.h"

namespace {

using Tensors = std::vector<hk::Tensor>;

// The angles after each of 40 steps of the midpoint rule, given stiffness and damping.
hk::Tensor angles(const hk::Tensor& stiffness, const hk::Tensor& damping) {
  const auto rate = [&](const Tensors& state) -> Tensors {
    return {state[1], -stiffness * hk::sin(state[0]) - damping * state[1]};
  };
  const auto moved = [](const Tensors& state, double dt, const Tensors& rate) -> Tensors {
    return {state[0] + dt * rate[0], state[1] + dt * rate[1]};
  };
  const auto step = [&](const Tensors& state, const Tensors&) -> hk::Scanned {
    const Tensors next = moved(state, 0.1, rate(moved(state, 0.05, rate(state))));
    return {.state = next, .stacked = {next[0]}};
  };
  const hk::Tensor angle = hk::tensor({1.0}, {}), speed = hk::zeros({});
  return hk::scan(step, {hk::arange(40)}, {angle, speed}).stacked[0];
}

}  // namespace

TEST_CASE("programs: a pendulum's stiffness and damping are found through the solver of its equation") {
  const hk::Tensor observed = angles(2.0f, 0.3f).detach();
  const hk::Tensor stiffness = hk::variable(hk::ones({}), "stiffness");
  const hk::Tensor damping = hk::variable(hk::zeros({}), "damping");
  const hk::Tensor loss = hk::mean(hk::square(angles(stiffness, damping) - observed));
  hk::Optimizer optimizer = hk::Adam({.learning_rate = 0.05});
  const Tensors parameters{stiffness, damping};
  hk::Program step =
      hk::compile({.outputs = {loss}, .updates = optimizer.step(parameters, hk::grad(loss, parameters))});
  CHECK(step.run()[0].item() > 0.05);
  CHECK(step.run(200)[0].item() < 1e-4);
  CHECK(stiffness.item() == doctest::Approx(2).epsilon(0.01));
  CHECK(damping.item() == doctest::Approx(0.3).epsilon(0.02));
}
