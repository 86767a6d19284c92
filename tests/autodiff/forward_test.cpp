// jvp against closed forms, finite differences and vjp.
#include "autodiff/forward.h"

#include <doctest/doctest.h>

#include "autodiff/check_op.h"
#include "autodiff/checkpoint.h"
#include "autodiff/grad.h"
#include "ops/custom_gradient.h"
#include "ops/ops.h"
#include "tests/autodiff/steps.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Tensors = std::vector<Tensor>;

Tensor draw(const Shape& shape, std::uint32_t stream) {
  return random_uniform(shape, random_key(7, stream), -1, 1);
}

// Two outputs of two inputs through operations of every kind.
Tensors outputs_of(const Tensor& x, const Tensor& w) {
  const Tensor hidden = tanh(matmul(x, w));
  const Tensor rows = gather(hidden, tensor(std::vector<std::int32_t>{2, 0, 2}));
  return {log_softmax(rows * sigmoid(rows)), sum(max(hidden, {1}) / exp(transpose(x)), {0}) + mean(w)};
}

}  // namespace

TEST_SUITE("autodiff") {
  TEST_CASE("jvp: Jacobian times tangent") {
    const auto build = [] {
      const Tensor x = tensor({1.0, 2, 3});
      const Tensor y = tensor({4.0, 5, 6});
      return jvp({x * y, sum(x * x), y}, {x, y}, {tensor({1.0, 0, -1}), tensor({0.0, 2, 1})});
    };
    expect([&] { return build()[0]; }, {3}, f32, {4, 4, -6 + 3});
    expect([&] { return build()[1]; }, {}, f32, {2 - 6});
    expect([&] { return build()[2]; }, {3}, f32, {0, 2, 1});
  }

  TEST_CASE("jvp: nothing of the first reverse pass is computed") {
    const Tensor x = input("x", {3});
    const Tensor t = input("t", {3});
    const Tensor tangent = jvp(tanh(x), x, t);
    CHECK(topological_order({&tangent, 1}).size() < 9);
  }

  TEST_CASE("jvp: an output that does not depend on a target stays where it is") {
    const Tensor x = tensor({1.0, 2});
    const Tensor y = tensor({3.0, 4, 5});
    CHECK(reference_values(jvp(y * y, x, x)) == std::vector<double>{0, 0, 0});
    CHECK(reference_values(jvp(stop_gradient(x), x, x)) == std::vector<double>{0, 0});
  }

  TEST_CASE("jvp agrees with finite differences") {
    check_op(
        "jvp", [](const Tensors& x) { return jvp(tanh(x[0]) * x[1], x[0], x[2]); },
        {{.shape = {2, 3}}, {.shape = {2, 3}}, {.shape = {2, 3}}}, {}, devices());
  }

  TEST_CASE("jvp and vjp are each other's transpose: <c, J t> = <J^T c, t>") {
    const Tensors inputs{draw({3, 3}, 0), draw({3, 4}, 1)};
    const Tensors tangents{draw({3, 3}, 2), draw({3, 4}, 3)};
    const Tensors outputs = outputs_of(inputs[0], inputs[1]);
    const Tensors cotangents{draw(outputs[0].shape(), 4), draw(outputs[1].shape(), 5)};
    const Tensors forward = jvp(outputs, inputs, tangents);
    const Tensors backward = vjp(outputs, inputs, cotangents);
    const auto dot = [](const Tensors& a, const Tensors& b) { return sum(a[0] * b[0]) + sum(a[1] * b[1]); };
    const double left = reference_values(dot(cotangents, forward))[0];
    CHECK(left == doctest::Approx(reference_values(dot(backward, tangents))[0]).epsilon(1e-12));
    CHECK(left != 0);
  }

  TEST_CASE("jvp passes through checkpoint and linear custom rules") {
    const auto cube = with_gradient(
        [](const Tensors& x) { return x[0] * x[0] * x[0]; },
        [](const Tensors& x, const Tensor&, const Tensor& g) -> Tensors { return {3 * g * x[0] * x[0]}; });
    const auto build = [&] {
      const Tensor x = tensor({1.0, 2});
      return jvp(checkpoint([&](const Tensor& in) { return cube({in * in}); }, x), x, tensor({1, 0.5}));
    };
    expect(build, {2}, f32, {6, 96});
  }

  TEST_CASE("jvp refuses wrong tangents and rules without a forward mode") {
    const Tensor x = tensor({1.0, 2, 3}).label("x");
    CHECK(error_of([&] {
            jvp({x}, {x, x}, {x});
          }) == "[jvp] 2 targets and 1 tangents; each target needs its tangent.");
    CHECK(error_of([&] { jvp(x, x, tensor({1.0})); }) ==
          "[jvp] tangent f32[1] for target x f32[3]; it must be f32 and of the same shape.");
    CHECK(error_of([&] { jvp(arange(3), x, x); }) ==
          "[jvp] output i32[3] is not f32; only f32 tensors have derivatives.");
    CHECK(error_of([&] { jvp(x, arange(3), x); }) ==
          "[jvp] target i32[3] is not f32; only f32 tensors have derivatives.");
    CHECK(error_of([&] { jvp(steps(x), x, x); }) ==
          "[jvp] steps (f32[3]) is not differentiable and lies between the output and a target; use "
          "stop_gradient "
          "where no gradient is wanted.");
    const auto clipped = with_gradient(
        [](const Tensors& in) { return in[0]; },
        [](const Tensors&, const Tensor&, const Tensor& g) -> Tensors { return {minimum(g, 1)}; });
    CHECK(error_of([&] { jvp(clipped({x}), x, x); }) ==
          "[jvp] a gradient rule between the targets and the outputs is not linear in the gradient it is "
          "given; such "
          "a rule has no forward mode.");
  }
}

}  // namespace hekla::testing
