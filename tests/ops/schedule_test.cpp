// Schedules at many steps against their formulas in double precision, and their errors.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "graph/run/program.h"
#include "ops/ops.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

struct Expected {
  std::string name;
  Schedule schedule;
  std::function<double(double)> rate;  // the formula, implemented independently
};

double half_cosine(double fraction) { return 0.5 * (1 + std::cos(std::numbers::pi * fraction)); }

double restarting(double step, double length, double t_mul, double m_mul, double alpha) {
  double height = 1;
  for (; step >= length; length *= t_mul, height *= m_mul) step -= length;
  return (1 - alpha) * height * half_cosine(step / length) + alpha;
}

std::vector<Expected> schedules() {
  return {
      {"exponential", ExponentialDecay{.initial_learning_rate = 1, .decay_steps = 30, .decay_rate = 0.9},
       [](double s) { return std::pow(0.9, s / 30); }},
      {"exponential staircase",
       ExponentialDecay{.initial_learning_rate = 1, .decay_steps = 3, .decay_rate = 0.96, .staircase = true},
       [](double s) { return std::pow(0.96, std::floor(s / 3)); }},
      {"exponential staircase of a fraction",
       ExponentialDecay{
           .initial_learning_rate = 1, .decay_steps = 2.5, .decay_rate = 0.96, .staircase = true},
       [](double s) { return std::pow(0.96, std::floor(s / 2.5)); }},
      {"inverse time", InverseTimeDecay{.initial_learning_rate = 0.8, .decay_steps = 10, .decay_rate = 0.5},
       [](double s) { return 0.8 / (1 + 0.5 * s / 10); }},
      {"inverse time staircase",
       InverseTimeDecay{.initial_learning_rate = 0.8, .decay_steps = 7, .decay_rate = 0.5, .staircase = true},
       [](double s) { return 0.8 / (1 + 0.5 * std::floor(s / 7)); }},
      {"polynomial",
       PolynomialDecay{.initial_learning_rate = 1, .decay_steps = 100, .end_learning_rate = 0.1},
       [](double s) { return 0.9 * (1 - std::min(s, 100.0) / 100) + 0.1; }},
      {"polynomial root",
       PolynomialDecay{.initial_learning_rate = 1, .decay_steps = 70, .end_learning_rate = 0, .power = 0.5},
       [](double s) { return std::sqrt(1 - std::min(s, 70.0) / 70); }},
      {"polynomial cycle",
       PolynomialDecay{.initial_learning_rate = 1,
                       .decay_steps = 30,
                       .end_learning_rate = 0.01,
                       .power = 2,
                       .cycle = true},
       [](double s) {
         const double length = 30 * (s == 0 ? 1 : std::ceil(s / 30));
         return 0.99 * std::pow(1 - s / length, 2) + 0.01;
       }},
      {"piecewise constant", PiecewiseConstantDecay{.boundaries = {5, 100}, .values = {1, 0.5, 0.1}},
       [](double s) { return s <= 5     ? 1
                             : s <= 100 ? 0.5
                                        : 0.1; }},
      {"piecewise constant of one piece", PiecewiseConstantDecay{.boundaries = {}, .values = {0.25}},
       [](double) { return 0.25; }},
      {"cosine", CosineDecay{.initial_learning_rate = 1, .decay_steps = 90, .alpha = 0.1},
       [](double s) { return 0.9 * half_cosine(std::min(s, 90.0) / 90) + 0.1; }},
      {"cosine warmed up",
       CosineDecay{.initial_learning_rate = 0.1,
                   .decay_steps = 90,
                   .alpha = 0.2,
                   .warmup_target = 1,
                   .warmup_steps = 20},
       [](double s) {
         return s < 20 ? 0.1 + 0.9 * s / 20 : 0.8 * half_cosine(std::min(s - 20, 90.0) / 90) + 0.2;
       }},
      {"cosine restarts", CosineDecayRestarts{.initial_learning_rate = 1, .first_decay_steps = 10},
       [](double s) { return restarting(s, 10, 2, 1, 0); }},
      {"cosine restarts lower each time",
       CosineDecayRestarts{
           .initial_learning_rate = 1, .first_decay_steps = 10, .t_mul = 1.5, .m_mul = 0.8, .alpha = 0.05},
       [](double s) { return restarting(s, 10, 1.5, 0.8, 0.05); }},
      {"cosine restarts of one length",
       CosineDecayRestarts{.initial_learning_rate = 1, .first_decay_steps = 9, .t_mul = 1, .m_mul = 0.9},
       [](double s) { return restarting(s, 9, 1, 0.9, 0); }},
      {"linear warmup to a number", LinearWarmup{.rate = 0.5, .warmup_steps = 8},
       [](double s) { return s < 8 ? 0.5 * s / 8 : 0.5; }},
      {"linear warmup to a schedule",
       LinearWarmup{.rate = InverseTimeDecay{.initial_learning_rate = 1, .decay_steps = 10},
                    .warmup_steps = 8,
                    .from = 0.2},
       [](double s) { return s < 8 ? 0.2 + 0.8 * s / 8 : 1 / (1 + (s - 8) / 10); }},
  };
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("schedules follow their formulas") {
    constexpr std::int64_t count = 256;
    const std::vector<Expected> all = schedules();
    for (const auto& device : reference_and_device()) {
      const double tolerance = device == reference() ? 1e-12 : 2e-6;
      const Tensor steps = input("steps", {count});
      std::vector<Tensor> rates;
      for (const Expected& each : all) rates.push_back(LearningRate(each.schedule).at(steps, "test"));
      Program program = compile({.outputs = rates}, device);
      // The first steps one by one, then strides into late steps.
      for (const double stride : {1.0, 1000.0}) {
        std::vector<double> numbers;
        for (std::int64_t i = 0; i < count; ++i) numbers.push_back(static_cast<double>(i) * stride);
        const std::vector<Tensor> found = program.run({{steps, tensor(numbers)}});
        for (std::size_t i = 0; i < all.size(); ++i) {
          const std::string& name = all[i].name;
          CAPTURE(name);
          const std::vector<double> values = found[i].to_vector<double>();
          double worst = 0, at = 0;
          for (std::size_t s = 0; s < numbers.size(); ++s) {
            const double error = std::abs(values.at(values.size() > 1 ? s : 0) - all[i].rate(numbers[s]));
            if (error <= worst) continue;
            worst = error;
            at = numbers[s];
          }
          // In late steps, f32 resolves the start of a period only to a fraction of a step.
          const bool coarse = stride > 1 && name.starts_with("cosine restarts");
          CAPTURE(at);
          CHECK(worst < (coarse ? std::max(tolerance, 1e-4) : tolerance));
        }
      }
    }
  }

  TEST_CASE("schedules: errors") {
    reference();
    const Tensor s = constant(0);
    CHECK(error_of([&] { ExponentialDecay{.initial_learning_rate = -1}(s); }) ==
          "[exponential_decay] initial_learning_rate is -1; it must be a finite number, not negative.");
    CHECK(error_of([&] { ExponentialDecay{.decay_steps = 0}(s); }) ==
          "[exponential_decay] decay_steps is 0; it must be a positive, finite number.");
    CHECK(error_of([&] { ExponentialDecay{.decay_rate = 0}(s); }) ==
          "[exponential_decay] decay_rate is 0; it must be a positive, finite number.");
    CHECK(error_of([&] { InverseTimeDecay{.decay_rate = -1}(s); }) ==
          "[inverse_time_decay] decay_rate is -1; it must be a finite number, not negative.");
    CHECK(error_of([&] { InverseTimeDecay{.decay_steps = -2}(s); }) ==
          "[inverse_time_decay] decay_steps is -2; it must be a positive, finite number.");
    CHECK(error_of([&] { PolynomialDecay{.decay_steps = INFINITY}(s); }) ==
          "[polynomial_decay] decay_steps is inf; it must be a positive, finite number.");
    CHECK(error_of([&] { PolynomialDecay{.power = 0}(s); }) ==
          "[polynomial_decay] power is 0; it must be a positive, finite number.");
    CHECK(error_of([&] { PolynomialDecay{.end_learning_rate = -1}(s); }) ==
          "[polynomial_decay] end_learning_rate is -1; it must be a finite number, not negative.");
    CHECK(error_of([&] { PiecewiseConstantDecay{.boundaries = {1}, .values = {1}}(s); }) ==
          "[piecewise_constant_decay] 1 boundaries and 1 values; there must be one value more than "
          "boundaries.");
    CHECK(error_of([&] {
            PiecewiseConstantDecay{.boundaries = {3, 3}, .values = {1, 2, 3}}(s);
          }) == "[piecewise_constant_decay] boundary 3 follows 3; boundaries must increase.");
    CHECK(error_of([&] {
            PiecewiseConstantDecay{.boundaries = {3}, .values = {1, -2}}(s);
          }) == "[piecewise_constant_decay] a value is -2; it must be a finite number, not negative.");
    CHECK(error_of([&] {
            PiecewiseConstantDecay{.boundaries = {NAN}, .values = {1, 2}}(s);
          }) == "[piecewise_constant_decay] a boundary is nan; it must be finite.");
    CHECK(error_of([&] { CosineDecay{.decay_steps = 0}(s); }) ==
          "[cosine_decay] decay_steps is 0; it must be a positive, finite number.");
    CHECK(error_of([&] { CosineDecay{.warmup_steps = -1}(s); }) ==
          "[cosine_decay] warmup_steps is -1; it must be a finite number, not negative.");
    CHECK(error_of([&] { CosineDecayRestarts{.first_decay_steps = 0}(s); }) ==
          "[cosine_decay_restarts] first_decay_steps is 0; it must be a positive, finite number.");
    CHECK(error_of([&] { CosineDecayRestarts{.t_mul = 0.5}(s); }) ==
          "[cosine_decay_restarts] t_mul is 0.5; it must be 1 or more.");
    CHECK(error_of([&] { CosineDecayRestarts{.m_mul = -1}(s); }) ==
          "[cosine_decay_restarts] m_mul is -1; it must be a finite number, not negative.");
    CHECK(error_of([&] { LinearWarmup{.warmup_steps = 0}(s); }) ==
          "[linear_warmup] warmup_steps is 0; it must be a positive, finite number.");
    CHECK(error_of([&] { LinearWarmup{.from = -1}(s); }) ==
          "[linear_warmup] from is -1; it must be a finite number, not negative.");
    CHECK(error_of([&] { LinearWarmup{.rate = -1}(s); }) ==
          "[linear_warmup] learning rate is -1; it must be a finite number, not negative.");
    CHECK(error_of([&] { SGD({.learning_rate = CosineDecay{.decay_steps = 0}}); }) ==
          "[cosine_decay] decay_steps is 0; it must be a positive, finite number.");
    CHECK(error_of([&] { SGD({.learning_rate = Schedule()}); }) ==
          "[sgd] the schedule is an empty function; give a function or a number.");
    CHECK(error_of([&] { SGD({.learning_rate = [](const Tensor&) { return zeros({2}); }}); }) ==
          "[sgd] the schedule gives f32[2]; it must give one f32 number.");
    CHECK(error_of([&] { SGD({.learning_rate = [](const Tensor&) { return Tensor(); }}); }) ==
          "[sgd] the schedule gives an empty tensor; it must give one f32 number.");
    CHECK(error_of([&] { SGD({.learning_rate = [](const Tensor& step) { return cast(step, i32); }}); }) ==
          "[sgd] the schedule gives i32[]; it must give one f32 number.");
  }
}

}  // namespace hekla::testing
