// A physics-informed network: a small network u(x, t) learns the heat equation u_t = a u_xx from the equation
// itself, without a single known value of the solution inside the domain. The loss contains derivatives of
// the network with respect to its inputs, and training differentiates that loss once more. (Raissi,
// Perdikaris, Karniadakis: Physics-informed neural networks, Journal of Computational Physics 378, 2019.)
//
//   pinn [--steps N]     (default 8000, less than half a minute on two cores)
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <numbers>
#include <vector>

#include "hekla.h"

namespace {

using hk::Tensor;

constexpr double diffusivity = 0.2;
constexpr std::int64_t inside = 256;  // collocation points of the equation, drawn anew each step
constexpr std::int64_t border = 64;   // points for each boundary or initial condition
constexpr std::int64_t width = 24;

// The solution that starts as sin(pi x) and is 0 at both ends.
Tensor exact(const Tensor& x, const Tensor& t) {
  constexpr double pi = std::numbers::pi;
  return hk::exp(-diffusivity * pi * pi * t) * hk::sin(pi * x);
}

struct Network {
  hk::Dense first{width, "tanh", {.name = "first"}};
  hk::Dense second{width, "tanh", {.name = "second"}};
  hk::Dense last{1, {.name = "last"}};

  // u at points (x, t), columns of one length.
  Tensor operator()(const Tensor& x, const Tensor& t) const {
    return last(second(first(hk::concat({2 * x - 1, 2 * t - 1}, 1))));
  }
};

// The mean squared residuals of u: of the equation inside, of the initial condition at t = 0, and of the
// boundary condition at both ends.
Tensor loss_of(const Network& u, const Tensor& step) {
  const auto draw = [&](std::int64_t count, std::uint32_t seed) {
    return hk::random_uniform({count, 1}, {seed, hk::cast(step, hk::u32)});
  };
  const Tensor x = draw(inside, 11);
  const Tensor t = draw(inside, 12);
  // Each u depends on its own x and t only, so the gradients of the sum are the derivatives at each point.
  const auto first = hk::grad(hk::sum(u(x, t)), {x, t});
  const Tensor u_xx = hk::grad(hk::sum(first[0]), x);
  const Tensor equation = hk::mean(hk::square(first[1] - diffusivity * u_xx));

  const Tensor x_start = draw(border, 13);
  const Tensor t_start = hk::zeros({border, 1});
  const Tensor start = hk::mean(hk::square(u(x_start, t_start) - exact(x_start, t_start)));

  const Tensor end_of = hk::reshape(hk::arange(border, hk::f32) % 2, {border, 1});
  const Tensor ends = hk::mean(hk::square(u(end_of, draw(border, 14))));
  return equation + 20 * (start + ends);
}

// The relative error ||u - exact|| / ||exact|| on a grid over the whole domain.
Tensor relative_error(const Network& u) {
  constexpr std::int64_t side = 51;
  const Tensor axis = hk::arange(side, hk::f32) / (side - 1);
  const Tensor x = hk::reshape(hk::broadcast_to(axis, {side, side}), {-1, 1});
  const Tensor t = hk::reshape(hk::broadcast_to(hk::expand_dims(axis, 1), {side, side}), {-1, 1});
  const Tensor solution = exact(x, t);
  return hk::sqrt(hk::sum(hk::square(u(x, t) - solution)) / hk::sum(hk::square(solution)));
}

void train(const Network& u, std::int64_t steps) {
  const Tensor step = hk::variable(hk::zeros({}, hk::i32), "step");
  const Tensor loss = loss_of(u, step);
  std::vector<Tensor> weights;
  for (const hk::Dense* layer : {&u.first, &u.second, &u.last}) {
    for (const Tensor& weight : layer->weights()) weights.push_back(weight);
  }
  // A learning rate that decays to a hundredth averages out the noise of the sampled points.
  hk::Adam adam(
      {.learning_rate = hk::ExponentialDecay{
           .initial_learning_rate = 0.006, .decay_steps = static_cast<double>(steps), .decay_rate = 0.01}});
  std::vector<hk::Update> updates = adam.step(weights, hk::grad(loss, weights));
  updates.push_back({step, step + 1});
  hk::Program program = hk::compile({.outputs = {loss}, .updates = updates});
  hk::Program measure = hk::compile({.outputs = {relative_error(u)}});
  const auto begin = std::chrono::steady_clock::now();
  constexpr std::int64_t reports = 10;
  for (std::int64_t report = 0, done = 0; report < reports && done < steps; ++report) {
    const std::int64_t together = std::max<std::int64_t>(1, steps * (report + 1) / reports - done);
    const double now = program.run(static_cast<int>(together))[0].item();
    done += together;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    fmt::print("step {:5}  loss {:.3e}  error {:.3f} %  {:5.1f} s\n", done, now,
               100 * measure.run()[0].item(), seconds.count());
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("A network learns the heat equation from the equation itself.", "pinn");
  std::int64_t steps = 8000;
  app.add_option("--steps", steps, "Steps of training")
      ->check(CLI::Range(1, 1'000'000'000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  fmt::print("device  {}\n", hk::default_device()->name());
  const Network u;
  train(u, steps);

  fmt::print("\n   t    u(0.5, t)   exact\n");
  const std::vector<double> times{0, 0.25, 0.5, 0.75, 1};
  const Tensor t = hk::tensor(times, {5, 1});
  const Tensor x = hk::full({5, 1}, 0.5);
  const std::vector<float> found = u(x, t).to_vector();
  const std::vector<float> solution = exact(x, t).to_vector();
  for (std::size_t i = 0; i < times.size(); ++i) {
    fmt::print("{:5.2f}    {:.5f}   {:.5f}\n", times[i], found[i], solution[i]);
  }
  fmt::print("\nrelative L2 error {:.3f} %\n", 100 * relative_error(u).item());
} catch (const std::exception& error) {
  fmt::print(stderr, "pinn: {}\n", error.what());
  return 1;
}
