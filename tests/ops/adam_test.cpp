// Adam's steps against vectors computed from Keras's formula, each step in a compiled program and dynamic.
#include "ops/optim/adam.h"

#include <doctest/doctest.h>

#include <cmath>

#include "graph/program.h"
#include "ops/create.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Step = std::vector<double>;

void check_step(const Tensor& x, const Step& expected, double tolerance) {
  const std::vector<double> actual = x.to_vector<double>();
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(actual[i]);
    CAPTURE(expected[i]);
    CHECK(std::abs(actual[i] - expected[i]) < tolerance);
  }
}

void check_steps(const Adam::Options& options, const Step& start, const std::vector<Step>& gradients,
                 const std::vector<Step>& expected, double tolerance) {
  std::vector<std::shared_ptr<Evaluator>> all{reference()};
  if (device()) all.push_back(device());
  for (const auto& device : all) {
    const std::string device_name = device->name();
    CAPTURE(device_name);
    SUBCASE("compiled") {
      const Tensor x = variable(tensor(start), "x");
      const Tensor g = input("g", x.shape());
      Adam optimizer(options);
      Program step = compile({.updates = optimizer.step({&x, 1}, {&g, 1})}, device);
      for (std::size_t i = 0; i < expected.size(); ++i) {
        step.run({{g, tensor(gradients[i])}});
        check_step(x, expected[i], tolerance);
      }
      CHECK(optimizer.iterations().item<int>() == static_cast<int>(expected.size()));
    }
    SUBCASE("dynamic") {
      const Tensor x = variable(tensor(start), "x");
      Adam optimizer(options);
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const Tensor g = tensor(gradients[i]);
        evaluate({.updates = optimizer.step({&x, 1}, {&g, 1})}, device);
        check_step(x, expected[i], tolerance);
      }
    }
  }
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("adam: Keras's steps") {
    check_steps({.learning_rate = 0.5}, {1, 2, 3, 4}, {{1, 6, 7, 2}, {0.5, 3, 3.5, 1}, {-1, -6, -7, -2}},
                {{.500002, 1.5, 2.5, 3.500001},
                 {.033913, 1.033911, 2.033911, 3.033912},
                 {-.021478, .978519, 1.978519, 2.978520}},
                1.5e-6);
  }

  TEST_CASE("adam with amsgrad: Keras's steps") {
    const Step g{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0};
    std::vector<Step> expected;
    for (const double x : {0.999, 0.9982, 0.9974, 0.9965, 0.9955}) expected.push_back(Step(10, x));
    check_steps({.amsgrad = true}, Step(10, 1), {Step(10, 0.01), g, g, g, g}, expected, 5e-4);
    // Gradients that fall, so that the largest square is an earlier one.
    check_steps({.learning_rate = 0.5, .beta_2 = 0.5, .amsgrad = true}, {1, 2}, {{1, 6}, {0.1, 0}, {-0.2, 3}},
                {{0.5000001, 1.5}, {0.1776988, 1.2099289}, {0.0068478, 0.8901932}}, 1e-6);
  }

  TEST_CASE("adam: learning rate and counter are variables of a compiled step") {
    const Tensor x = variable(tensor({1, 2}), "x");
    const Tensor g = tensor({1, -1});
    Adam optimizer({.learning_rate = 0.5});
    Program step = compile({.updates = optimizer.step({&x, 1}, {&g, 1})}, reference());
    step.run();
    check_step(x, {0.5, 2.5}, 1e-5);
    assign(optimizer.learning_rate(), 0.25);
    step.run();
    check_step(x, {0.25, 2.75}, 1e-5);
    CHECK(optimizer.iterations().item<int>() == 2);
  }

  TEST_CASE("adam: errors") {
    reference();
    CHECK(error_of([] { Adam({.learning_rate = -1}); }) ==
          "[adam] learning rate is -1; it must be a finite number, not negative.");
    CHECK(error_of([] { Adam({.epsilon = INFINITY}); }) ==
          "[adam] epsilon is inf; it must be a finite number, not negative.");
    CHECK(error_of([] { Adam({.beta_1 = 1}); }) == "[adam] beta_1 is 1; it must lie in [0, 1).");
    CHECK(error_of([] { Adam({.beta_2 = -0.5}); }) == "[adam] beta_2 is -0.5; it must lie in [0, 1).");
    Adam optimizer({});
    const Tensor x = variable(zeros({2})), y = variable(zeros({2}));
    CHECK(error_of([&] {
            optimizer.step({&x, 1}, {});
          }) == "[adam] 1 variables and 0 gradients; each variable needs its gradient.");
    optimizer.step({&x, 1}, {&y, 1});
    CHECK(error_of([&] {
            optimizer.step(std::vector{x, y}, std::vector{x, y});
          }) ==
          "[adam] 2 variables, but the moments kept are for 1; use one optimizer for one list of variables.");
  }
}

}  // namespace hekla::testing
