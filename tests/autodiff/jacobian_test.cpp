// jacobian, hessian and hvp against closed forms and finite differences.
#include "autodiff/jacobian.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autodiff/check_op.h"
#include "autodiff/forward.h"
#include "autodiff/grad.h"
#include "ops/ops.h"
#include "ops/statistics.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Tensors = std::vector<Tensor>;

// A loss with a dense Hessian.
Tensor loss_of(const Tensor& x) { return sum(tanh(x) * x) * sum(exp(0.5 * x)); }

}  // namespace

TEST_SUITE("autodiff") {
  TEST_CASE("jacobian: fewer outputs than inputs, fewer inputs than outputs, and neither") {
    const auto a = [] { return tensor({1.0, 2, 3, 4, 5, 6}, {2, 3}); };
    const auto product = [](const Tensor& m, const Tensor& v) {
      return reshape(matmul(m, reshape(v, {-1, 1})), {-1});
    };
    const auto wide = [&] {
      const Tensor x = tensor({1.0, 1, 1});
      return jacobian(product(a(), x), x);
    };
    expect(wide, {2, 3}, f32, {1, 2, 3, 4, 5, 6});
    const auto tall = [&] {
      const Tensor x = tensor({1.0, 1});
      return jacobian(product(transpose(a()), x), x);
    };
    expect(tall, {3, 2}, f32, {1, 4, 2, 5, 3, 6});
    const auto square_one = [] {
      const Tensor x = tensor({2.0, 3});
      return jacobian(x * x, x);
    };
    expect(square_one, {2, 2}, f32, {4, 0, 0, 6});
  }

  TEST_CASE("jacobian: axes of the output, then of the target") {
    const auto build = [] {
      const Tensor x = tensor({1.0, 2, 3, 4}, {2, 2});
      return jacobian(sum(x * x, {1}), x);
    };
    expect(build, {2, 2, 2}, f32, {2, 4, 0, 0, 0, 0, 6, 8});
    const Tensor x = tensor({3.0});
    CHECK(reference_values(jacobian(sum(x * x), x)) == std::vector<double>{6});
    CHECK(to_string(jacobian(sum(x), x).shape()) == "[1]");
    CHECK(to_string(jacobian(zeros({2, 0}), x).shape()) == "[2,0,1]");
    CHECK(reference_values(jacobian(tensor({1.0, 2}), x)) == std::vector<double>{0, 0});
  }

  TEST_CASE("jacobian and hessian agree with finite differences") {
    check_op(
        "jacobian", [](const Tensors& x) { return jacobian(tanh(x[0]) * sum(x[0]), x[0]); }, {{.shape = {3}}},
        {}, devices());
    check_op(
        "hessian", [](const Tensors& x) { return hessian(loss_of(x[0]), x[0]); }, {{.shape = {3}}}, {},
        devices());
  }

  TEST_CASE("hessian: closed form, and symmetric") {
    const auto build = [] {
      const Tensor x = tensor({1.0, 2, 3});
      return hessian(sum(x * x * x) + pow(sum(x), 2), x);
    };
    expect(build, {3, 3}, f32, {8, 2, 2, 2, 14, 2, 2, 2, 20});
    const Tensor x = tensor({0.3, -0.7, 1.1, 0.2}, {2, 2});
    const Tensor h = reshape(hessian(loss_of(x), x), {4, 4});
    const std::vector<double> difference = reference_values(h - transpose(h));
    for (const double d : difference) CHECK(d == doctest::Approx(0).epsilon(1e-12));
    CHECK(reference_values(abs(h))[1] > 1e-3);
  }

  TEST_CASE("hvp is the Hessian times the tangent, and agrees with finite differences") {
    const Tensor x = tensor({0.3, -0.7, 1.1});
    const Tensor v = tensor({1, 2, -0.5});
    const Tensor whole = reshape(matmul(hessian(loss_of(x), x), reshape(v, {-1, 1})), {-1});
    const std::vector<double> expected = reference_values(whole);
    const auto build = [] {
      const Tensor y = tensor({0.3, -0.7, 1.1});
      return hvp(loss_of(y), y, tensor({1, 2, -0.5}));
    };
    expect(build, {3}, f32, expected);
    check_op(
        "hvp", [](const Tensors& in) { return hvp(loss_of(in[0]), in[0], in[1]); },
        {{.shape = {3}}, {.shape = {3}}}, {}, devices());
  }

  TEST_CASE("hvp: several targets; a tangent that depends on a target is a constant") {
    const Tensor x = tensor({1.0, 2});
    const Tensor y = tensor({3.0, 4});
    const auto products = hvp(sum(x * x * y), {x, y}, {tensor({1.0, 0}), tensor({0.0, 1})});
    // [2 y t + 2 x s, 2 x t]
    CHECK(reference_values(products[0]) == std::vector<double>{6, 4});
    CHECK(reference_values(products[1]) == std::vector<double>{2, 0});
    CHECK(reference_values(hvp(sum(x * x * x), x, x * x)) == std::vector<double>{6, 48});
  }

  TEST_CASE("jacobian, hessian and hvp refuse what has no derivative") {
    const Tensor x = tensor({1.0, 2, 3}).label("x");
    CHECK(error_of([&] { jacobian(arange(3), x); }) ==
          "[jacobian] output i32[3] is not f32; only f32 tensors have derivatives.");
    CHECK(error_of([&] { jacobian(x, arange(3)); }) ==
          "[jacobian] target i32[3] is not f32; only f32 tensors have derivatives.");
    CHECK(error_of([&] { hessian(x, x); }) ==
          "[grad] the loss is x f32[3]; it must be one f32 number (see hk::sum and hk::mean).");
    CHECK(error_of([&] { hvp(x, x, x); }) ==
          "[hvp] the loss is x f32[3]; it must be one f32 number (see hk::sum and hk::mean).");
    CHECK(error_of([&] { hvp(sum(x), x, tensor({1.0})); }) ==
          "[hvp] tangent f32[1] for target x f32[3]; it must be f32 and of the same shape.");
    CHECK(error_of([&] {
            hvp(sum(x), {x, x}, {x});
          }) == "[hvp] 2 targets and 1 tangents; each target needs its tangent.");
  }

  // Where the first derivative is a convention, as that of a norm at 0, and the whole is smooth, the second
  // derivative must not follow the convention. The limits are known in closed form.
  TEST_CASE("hessian: what is smooth where a norm, a deviation, a root or a size is 0") {
    using Scalar = std::function<Tensor(const Tensor&)>;
    const auto at_zero = [](const Scalar& f, const std::vector<double>& expected) {
      const auto n = static_cast<std::int64_t>(std::sqrt(static_cast<double>(expected.size())));
      expect(
          [&] {
            const Tensor x = zeros({n}) + tensor({0.0});
            return hessian(f(x), x);
          },
          {n, n}, f32, expected);
      // Forward-over-reverse, too.
      expect(
          [&] {
            const Tensor x = zeros({n}) + tensor({0.0});
            const Tensor g = grad(f(x), x);
            std::vector<Tensor> rows;
            for (std::int64_t i = 0; i < n; ++i) {
              rows.push_back(jvp(g, x, cast(arange(n) == static_cast<int>(i), f32)));
            }
            return stack(rows);
          },
          {n, n}, f32, expected);
    };
    const std::vector<double> twice{2, 0, 0, 2};
    at_zero([](const Tensor& x) { return square(norm(x)); }, twice);
    at_zero([](const Tensor& x) { return pow(norm(x), 2); }, twice);
    at_zero([](const Tensor& x) { return norm(x) * norm(x); }, twice);
    at_zero([](const Tensor& x) { return 0.5 * norm(x) * norm(x) * 2; }, twice);
    at_zero([](const Tensor& x) { return square(sqrt(sum(square(x)))); }, twice);
    at_zero([](const Tensor& x) { return square(norm(x)) + pow(norm(x), 4); }, twice);
    at_zero([](const Tensor& x) { return sum(square(abs(x))); }, twice);
    at_zero([](const Tensor& x) { return sum(square(norm(expand_dims(x, 1), 2, {1}))); }, twice);
    at_zero([](const Tensor& x) { return square(norm(x)) * exp(sum(x)); }, twice);
    // Of variance(x) = (x0 - x1)^2 / 4.
    at_zero([](const Tensor& x) { return square(std(x)); }, {0.5, -0.5, -0.5, 0.5});
    at_zero([](const Tensor& x) { return pow(norm(x), 4); }, {0, 0, 0, 0});
    // The conventional gradient remains where there is no derivative.
    expect(
        [] {
          const Tensor x = zeros({2}) + tensor({0.0});
          return grad(square(norm(x)) + norm(x), x);
        },
        {2}, f32, {0, 0});
  }
}

}  // namespace hekla::testing
