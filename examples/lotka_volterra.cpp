// An ordinary differential equation with unknown parameters, fitted to a trajectory: predators and prey of Lotka and
// Volterra,
//   x' = alpha x - beta x y
//   y' = delta x y - gamma y
// The solver, Runge and Kutta's of fourth order, is a loop of the graph (hk::scan), and gradients flow back through its
// steps. (Chen, Rubanova, Bettencourt, Duvenaud: Neural ordinary differential equations, NeurIPS 2018, section 2.)
//
//   lotka_volterra [--steps N]     (default 300, some seconds on two cores)
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "hekla.h"

namespace {

using hk::Tensor;
using Tensors = std::vector<Tensor>;

constexpr double dt = 0.05;
constexpr std::int64_t times = 100;  // observations, one after each step of the solver
const std::vector<double> truth{1.5, 1, 3, 1};

// The rates of change of x and y, given their numbers and alpha, beta, gamma, delta.
Tensor rates(const Tensor& numbers, const Tensor& parameters) {
  const auto n = hk::split(numbers, 2, 0), p = hk::split(parameters, 4, 0);
  return hk::concat({p[0] * n[0] - p[1] * n[0] * n[1], p[3] * n[0] * n[1] - p[2] * n[1]}, 0);
}

Tensor runge_kutta(const Tensor& now, const Tensor& parameters) {
  const Tensor a = rates(now, parameters);
  const Tensor b = rates(now + dt / 2 * a, parameters);
  const Tensor c = rates(now + dt / 2 * b, parameters);
  const Tensor d = rates(now + dt * c, parameters);
  return now + dt / 6 * (a + 2 * b + 2 * c + d);
}

// The numbers of both after each step, [times, 2].
Tensor trajectory(const Tensor& parameters) {
  const auto step = [&](const Tensors& state, const Tensors&) -> hk::Scanned {
    const Tensor next = runge_kutta(state[0], parameters);
    return {{next}, {next}};
  };
  return hk::scan(step, {hk::arange(times)}, {hk::tensor({1.0, 1})}).stacked[0];
}

int run(int steps) {
  const Tensor observed = trajectory(hk::tensor(truth)).detach();
  // Logarithms, so that the parameters stay positive.
  const Tensor logarithms = hk::variable(hk::zeros({4}), "log parameters");
  const Tensor loss = hk::mean(hk::square(trajectory(hk::exp(logarithms)) - observed));
  hk::Adam adam({.learning_rate = hk::ExponentialDecay{.initial_learning_rate = 0.05,
                                                       .decay_steps = static_cast<double>(steps),
                                                       .decay_rate = 0.02}},
                {.global_clipnorm = 1});
  hk::Program program = hk::compile(
      {.outputs = {loss}, .updates = adam.step(Tensors{logarithms}, hk::grad(loss, Tensors{logarithms}))});
  fmt::print("device  {}\n", hk::default_device()->name());
  for (int done = 0; done < steps;) {
    const int more = std::min(100, steps - done);
    const float now = program.run({}, more)[0].item();
    done += more;
    fmt::print("step {:>5}  loss {:.3g}\n", done, now);
    std::fflush(stdout);
  }
  const std::vector<double> found = hk::exp(logarithms).to_vector<double>();
  double worst = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) worst = std::max(worst, std::abs(found[i] / truth[i] - 1));
  fmt::print("alpha {:.4f}  beta {:.4f}  gamma {:.4f}  delta {:.4f}  worst error {:.2g} %\n", found[0],
             found[1], found[2], found[3], 100 * worst);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Fits the parameters of an ordinary differential equation to its solution.");
  int steps = 300;
  app.add_option("--steps", steps, "Steps of training")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return run(steps);
  } catch (const std::exception& error) {
    fmt::print(stderr, "lotka_volterra: {}\n", error.what());
    return 1;
  }
}
