// Adafactor of matrices and of higher ranks, against steps computed in double precision from Keras 3.15's formulas; what
// an optimizer keeps in another shape than its variable's.
#include "ops/optim/adafactor.h"

#include <doctest/doctest.h>

#include <cmath>

#include "graph/run/program.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/view.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

// Three steps from 1, 2, 3, 4 in the given shape.
void check_steps(const AdafactorOptions& options, const Shape& shape,
                 const std::vector<std::vector<double>>& expected) {
  const std::vector<std::vector<double>> gradients{{1, 6, 7, 2}, {0.5, 3, 3.5, 1}, {-1, -6, -7, -2}};
  for (const auto& device : reference_and_device()) {
    Optimizer optimizer = Adafactor(options);
    const Tensor x = variable(tensor({1.0, 2, 3, 4}, shape), "x"), g = input("g", shape);
    Program step = compile({.updates = optimizer.step({&x, 1}, {&g, 1})}, device);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      step.run({{g, tensor(gradients[i], shape)}});
      const std::vector<double> found = x.to_vector<double>();
      for (std::size_t k = 0; k < found.size(); ++k)
        CHECK(std::abs(found[k] - expected[i][k]) <= 2e-6 * (1 + std::abs(expected[i][k])));
    }
  }
}

}  // namespace

TEST_SUITE("ops") {
  TEST_CASE("adafactor: of matrices it keeps rows and columns") {
    check_steps({.learning_rate = 0.5}, {2, 2},
                {{.700654456, -.008070956, 1.249211179, 3.440731026},
                 {.564462413, -.921674953, .452661803, 3.186282661},
                 {.750003553, .32297285, 1.537840319, 3.532930223}});
    check_steps(
        {.learning_rate = 2, .beta_2_decay = -0.5, .epsilon_1 = 0.1, .epsilon_2 = 10, .clip_threshold = 0.5},
        {2, 1, 2},
        {{-3.840539088, -3.06976377, -2.071627732, -1.014505839},
         {-7.150031303, -6.70385763, -5.708559287, -4.566033954},
         {-4.380078032, -3.76605799, -2.769368375, -1.669280207}});
    reference();
    Optimizer optimizer = Adafactor({}, {.use_ema = true, .gradient_accumulation_steps = 2});
    const Tensor kernel = variable(zeros({5, 3, 2}), "kernel"), bias = variable(zeros({2}), "bias");
    optimizer.build(std::vector{kernel, bias});
    std::vector<std::string> kept;
    for (const Tensor& each : optimizer.variables()) kept.push_back(describe(each));
    CHECK(kept ==
          std::vector<std::string>{"iterations i32[]", "learning_rate f32[]", "accumulated_steps i32[]",
                                   "kernel/row f32[5,3]", "kernel/column f32[5,2]", "kernel/velocity f32[]",
                                   "kernel/gradient_accumulator f32[5,3,2]", "kernel/average f32[5,3,2]",
                                   "bias/row f32[]", "bias/column f32[]", "bias/velocity f32[2]",
                                   "bias/gradient_accumulator f32[2]", "bias/average f32[2]"});
  }

  TEST_CASE("adafactor: without gradients nothing moves") {
    reference();
    Optimizer optimizer = Adafactor({.learning_rate = 1});
    const Tensor x = variable(ones({2, 2}), "x");
    const Tensor g = zeros({2, 2});
    Program step = compile({.updates = optimizer.step({&x, 1}, {&g, 1})}, reference());
    step.run(3);
    CHECK(x.to_vector() == std::vector<float>{1, 1, 1, 1});
  }
}

}  // namespace hekla::testing
