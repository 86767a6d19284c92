// The optimizer's steps against vectors computed from Keras's formulas, each step in a compiled program and
// dynamic.
#include "ops/optim/sgd.h"

#include <doctest/doctest.h>

#include <cmath>

#include "graph/program.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Step = std::vector<double>;

const std::vector<Step> gradients = {{1, 6, 7, 2}, {0.5, 3, 3.5, 1}, {-1, -6, -7, -2}};

void check_step(const Tensor& x, const Step& expected) {
  const std::vector<double> actual = x.to_vector<double>();
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(std::abs(actual[i] - expected[i]) < 1e-6 * (1 + std::abs(expected[i])));
}

// From x = 1, 2, 3, 4 with learning rate 0.5.
void check_steps(const Sgd::Options& options, const std::vector<Step>& expected) {
  for (const auto& device : reference_and_device()) {
    const std::string device_name = device->name();
    CAPTURE(device_name);
    SUBCASE("compiled") {
      const Tensor x = variable(tensor({1, 2, 3, 4}), "x");
      const Tensor g = input("g", {4});
      Sgd optimizer(options);
      Program step = compile({.updates = optimizer.step({&x, 1}, {&g, 1})}, device);
      for (std::size_t i = 0; i < 3; ++i) {
        step.run({{g, tensor(gradients[i])}});
        check_step(x, expected[i]);
      }
    }
    SUBCASE("dynamic") {
      const Tensor x = variable(tensor({1, 2, 3, 4}), "x");
      Sgd optimizer(options);
      for (std::size_t i = 0; i < 3; ++i) {
        const Tensor g = tensor(gradients[i]);
        evaluate({.updates = optimizer.step({&x, 1}, {&g, 1})}, device);
        check_step(x, expected[i]);
      }
    }
  }
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("sgd: Keras's steps") {
    check_steps({.learning_rate = 0.5}, {{.5, -1, -.5, 3}, {.25, -2.5, -2.25, 2.5}, {.75, .5, 1.25, 3.5}});
  }

  TEST_CASE("sgd with momentum: Keras's steps") {
    check_steps({.learning_rate = 0.5, .momentum = 0.9},
                {{.5, -1, -.5, 3}, {-.2, -5.2, -5.4, 1.6}, {-.33, -5.98, -6.31, 1.34}});
  }

  TEST_CASE("sgd with nesterov momentum: Keras's steps") {
    check_steps({.learning_rate = 0.5, .momentum = 0.9, .nesterov = true},
                {{.05, -3.7, -3.65, 2.1}, {-.83, -8.98, -9.81, .34}, {-.447, -6.682, -7.129, 1.106}});
  }

  TEST_CASE("sgd: assigning the learning rate changes a compiled step") {
    const Tensor x = variable(tensor({1, 2}), "x");
    const Tensor g = tensor({1, -1});
    Sgd optimizer({.learning_rate = 0.5});
    Program step = compile({.updates = optimizer.step({&x, 1}, {&g, 1})}, reference());
    step.run();
    check_step(x, {0.5, 2.5});
    assign(optimizer.learning_rate(), 0.25);
    step.run();
    check_step(x, {0.25, 2.75});
  }
}

}  // namespace hekla::testing
