// grad, vjp and value_and_grad against closed forms, and their errors.
#include "autodiff/grad.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autodiff/check_op.h"
#include "ops/ops.h"
#include "tests/autodiff/steps.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Tensors = std::vector<Tensor>;
using Operands = std::span<const double>;

// Rules that return something other than gradients.
const Op one_gradient_op{
    .name = "one_gradient",
    .kind = Kind::elementwise,
    .arity = 2,
    .infer = same_as_operands,
    .glsl = "({0} * {1})",
    .eval = [](Operands x, DType) { return x[0] * x[1]; },
    .vjp = [](const Tensor& y, const Tensor& g) -> Tensors { return {g * y.node().inputs[1]}; }};

const Op summed_gradient_op{.name = "summed_gradient",
                            .kind = Kind::elementwise,
                            .arity = 1,
                            .infer = same_as_operands,
                            .glsl = "(2.0 * {0})",
                            .eval = [](Operands x, DType) { return 2 * x[0]; },
                            .vjp = [](const Tensor&, const Tensor& g) -> Tensors { return {sum(2 * g)}; }};

}  // namespace

TEST_SUITE("autodiff") {
  TEST_CASE("grad: several losses add up, and each target has its gradient") {
    const auto gradients = [] {
      const Tensor x = tensor({1.0, 2, 3});
      const Tensor y = tensor({4.0, 5, 6});
      return grad({sum(x * x), sum(x * y)}, {x, y});
    };
    expect([&] { return gradients()[0]; }, {3}, f32, {6, 9, 12});
    expect([&] { return gradients()[1]; }, {3}, f32, {1, 2, 3});
    CHECK(grad(std::span<const Tensor>(), std::span<const Tensor>()).empty());
  }

  TEST_CASE("grad: a target may be the loss, come twice, or lie behind another target") {
    const Tensor x = tensor({0.5});
    const Tensor y = x * x;
    const Tensor loss = sum(y * y);
    const auto gradients = grad(loss, {loss, y, x, x});
    CHECK(reference_values(gradients[0]) == std::vector<double>{1});
    CHECK(reference_values(gradients[1]) == std::vector<double>{0.5});
    CHECK(reference_values(gradients[2]) == std::vector<double>{0.5});
    CHECK(reference_values(gradients[3]) == std::vector<double>{0.5});
  }

  TEST_CASE("grad: an unused target has zeros, or is an error on request") {
    const Tensor x = tensor({1.0, 2});
    const Tensor w = variable(tensor({1.0, 2, 3}), "w");
    const Tensor loss = sum(x * stop_gradient(x)) + 0 * sum(stop_gradient(w));
    CHECK(reference_values(grad(loss, w)) == std::vector<double>{0, 0, 0});
    CHECK(to_string(grad(loss, w).shape()) == "[3]");
    CHECK(error_of([&] {
            grad(loss, {x, w}, Unused::error);
          }) ==
          "[grad] no gradient flows to target 2, w f32[3]; let an output depend on it or ask for "
          "Unused::zeros.");
    CHECK(error_of([&] { vjp(x, w, x, Unused::error); }) ==
          "[vjp] no gradient flows to target 1, w f32[3]; let an output depend on it or ask for "
          "Unused::zeros.");
    CHECK_NOTHROW(grad(loss, x, Unused::error));
  }

  TEST_CASE("vjp: cotangent times Jacobian") {
    const auto build = [] {
      const Tensor a = tensor({1.0, 2, 3, 4, 5, 6}, {2, 3});
      const Tensor b = tensor({1.0, -1, 2, 0, 1, 1}, {3, 2});
      return vjp({matmul(a, b), a * a}, {a, b},
                 {tensor({1.0, 2, 3, 4}, {2, 2}), tensor({1.0, 0, 0, 0, 0, 1}, {2, 3})});
    };
    // g b^T + 2 a c and a^T g
    expect([&] { return build()[0]; }, {2, 3}, f32, {1 - 2 + 2, 2, 3, -1, 6, 7 + 12});
    expect([&] { return build()[1]; }, {3, 2}, f32, {13, 18, 17, 24, 21, 30});
  }

  TEST_CASE("vjp: an output that is a target, and one that comes twice") {
    const Tensor x = tensor({2.0, 3});
    const Tensor y = x * x;
    CHECK(reference_values(vjp(x, x, tensor({5.0, 7}))) == std::vector<double>{5, 7});
    CHECK(reference_values(vjp({y, y, x}, {x}, {x, tensor({1.0, 1}), x})[0]) == std::vector<double>{14, 27});
  }

  TEST_CASE("vjp agrees with finite differences") {
    check_op(
        "vjp", [](const Tensors& x) { return vjp(tanh(x[0]) * x[1], x[0], x[2]); },
        {{.shape = {2, 3}}, {.shape = {2, 3}}, {.shape = {2, 3}}}, {}, devices());
  }

  TEST_CASE("value_and_grad: inputs are variables of their own") {
    const Tensor x = tensor({2.0, 3});
    const auto both = value_and_grad([](const Tensors& in) { return sum(in[0] * in[0] * in[1]); }, {x, x});
    CHECK(reference_values(both.value) == std::vector<double>{35});
    CHECK(reference_values(both.gradients[0]) == std::vector<double>{8, 18});
    CHECK(reference_values(both.gradients[1]) == std::vector<double>{4, 9});
    // One tensor after the other, and one that f captures, too.
    const auto apart = value_and_grad([&](const Tensors& in) { return sum(in[0] * in[1] + x); }, {x, x * x});
    CHECK(reference_values(apart.gradients[0]) == std::vector<double>{4, 9});
    CHECK(reference_values(apart.gradients[1]) == std::vector<double>{2, 3});
  }

  TEST_CASE("grad, vjp and value_and_grad refuse what has no derivative") {
    const Tensor x = tensor({1.0, 2, 3}).label("x");
    const Tensor i = arange(3).label("i");
    CHECK(error_of([&] { grad(x * 2, x); }) ==
          "[grad] the loss is f32[3]; it must be one f32 number (see hk::sum and hk::mean).");
    CHECK(error_of([&] {
            grad({sum(x), x}, {x});
          }) == "[grad] the loss is x f32[3]; it must be one f32 number (see hk::sum and hk::mean).");
    CHECK(error_of([&] { grad(sum(x), i); }) ==
          "[grad] target i i32[3] is not f32; only f32 tensors have derivatives.");
    CHECK(error_of([&] { grad(sum(steps(x)), x); }) ==
          "[grad] steps (f32[3]) is not differentiable and lies between the output and a target; use "
          "stop_gradient "
          "where no gradient is wanted.");
    CHECK(error_of([&] { value_and_grad([](const Tensors& in) { return in[0]; }, {x}); }) ==
          "[value_and_grad] the loss is f32[3]; it must be one f32 number (see hk::sum and hk::mean).");
    CHECK(error_of([&] {
            vjp({x, x}, {x}, {x});
          }) == "[vjp] 2 outputs and 1 cotangents; each output needs its cotangent.");
    CHECK(error_of([&] {
            vjp(x, x, tensor({1.0, 2}));
          }) == "[vjp] cotangent f32[2] for output x f32[3]; it must be f32 and of the same shape.");
    CHECK(error_of([&] { vjp(x, x, i); }) ==
          "[vjp] cotangent i i32[3] for output x f32[3]; it must be f32 and of the same shape.");
    CHECK(error_of([&] { vjp(i, x, x); }) ==
          "[vjp] output i i32[3] is not f32; only f32 tensors have derivatives.");
    CHECK(error_of([&] { vjp(x, i, x); }) ==
          "[vjp] target i i32[3] is not f32; only f32 tensors have derivatives.");
  }

  TEST_CASE("grad: a rule that returns too few gradients, or of another shape, is told by name") {
    const Tensor x = tensor({1.0, 2, 3}).label("x");
    CHECK(error_of([&] {
            grad(sum(apply(one_gradient_op, {x, x})), x);
          }) ==
          "[grad] the gradient rule of one_gradient returned 1 gradients for 2 inputs; it returns one for "
          "each, an "
          "empty tensor where nothing flows.");
    CHECK(error_of([&] { grad(sum(apply(summed_gradient_op, {x})), x); }) ==
          "[grad] the gradient rule of summed_gradient returned f32[] for its input 1, x f32[3]; a gradient "
          "has its "
          "input's shape and dtype.");
  }
}

}  // namespace hekla::testing
