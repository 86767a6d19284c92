// Differentiation as a graph transformation: where gradients flow, where not, and gradients of gradients.
#include "autodiff/grad.h"

#include <doctest/doctest.h>

#include <cmath>

#include "graph/run/program.h"
#include "ops/ops.h"
#include "tests/autodiff/steps.h"
#include "tests/support/devices.h"
#include "tests/support/expect.h"

namespace hekla::testing {

namespace {

using Numbers = std::vector<double>;

Numbers values(const Tensor& x) { return reference_values(x); }

}  // namespace

TEST_SUITE("autodiff") {
  TEST_CASE("grad: targets between braces come back to be taken apart") {
    const Tensor w = tensor({1.0, 2}), b = tensor({3.0, 4});
    const Tensor loss = sum(square(w) * b);
    auto [dw, db] = grad(loss, {w, b});
    CHECK(values(dw) == Numbers{6, 16});
    CHECK(values(db) == Numbers{1, 4});
    auto [alone] = grad(loss, {w});
    auto [again] = grad(sum(square(alone)), {w});
    CHECK(values(again) == Numbers{72, 256});
    auto [summed] = grad({loss, sum(w)}, {w});
    CHECK(values(summed) == Numbers{7, 17});
  }

  TEST_CASE("grad: where ways through shared nodes meet, gradients add up") {
    const Tensor x = tensor({2.0, 3});
    const Tensor shared = x * x;
    // d/dx (x^2 * x^2 + x^2) = 4 x^3 + 2 x
    CHECK(values(grad(sum(shared * shared + shared), x)) == Numbers{36, 114});
    Tensor doubled = x;
    for (int i = 0; i < 40; ++i) doubled = doubled + doubled;
    CHECK(values(grad(sum(doubled), x)) == Numbers{1099511627776.0, 1099511627776.0});
  }

  TEST_CASE("grad: several targets, inner nodes among them") {
    const Tensor x = tensor({2.0, 3}), y = tensor({5.0, 7});
    const Tensor inner = x * y;
    const auto g = grad(sum(inner * inner), {x, inner, y});
    CHECK(values(g[0]) == Numbers{100, 294});
    CHECK(values(g[1]) == Numbers{20, 42});
    CHECK(values(g[2]) == Numbers{40, 126});
    CHECK(values(grad(sum(x), {x, x})[1]) == Numbers{1, 1});
    CHECK(grad(sum(x), std::span<const Tensor>()).empty());
    const Tensor loss = tensor({5.0}, {});
    CHECK(values(grad(loss, loss)) == Numbers{1});
  }

  TEST_CASE("grad: a target that the loss does not depend on gets zeros") {
    const Tensor x = tensor({2.0, 3}), unused = tensor({1.0, 2, 3}, {3, 1});
    const Tensor g = grad(sum(x), unused);
    CHECK(to_string(g.shape()) == "[3,1]");
    CHECK(values(g) == Numbers{0, 0, 0});
    CHECK(values(grad(constant(3), x)) == Numbers{0, 0});
    // An operation without gradient does not matter off the path.
    CHECK(values(grad(sum(x) + sum(floor(unused)), x)) == Numbers{1, 1});
  }

  TEST_CASE("grad: nothing flows through stop_gradient") {
    const Tensor x = tensor({2.0, 3});
    CHECK(values(grad(sum(x * stop_gradient(x)), x)) == Numbers{2, 3});
    CHECK(values(grad(sum(stop_gradient(x * x)), x)) == Numbers{0, 0});
    // The path through a comparison or to an integer ends there, too, above or below it.
    CHECK(values(grad(sum(x * stop_gradient(cast(x > 2, f32))), x)) == Numbers{0, 1});
    CHECK(values(grad(sum(x * cast(stop_gradient(x) > 2, f32)), x)) == Numbers{0, 1});
    CHECK(values(grad(sum(x * floor(stop_gradient(x))), x)) == Numbers{2, 3});
    CHECK(values(grad(sum(gather(x, argmax(x))), x)) == Numbers{0, 1});
  }

  TEST_CASE("grad: a condition and indices take no gradient, however often it is differentiated") {
    const Tensor x = tensor({-2.0, 3}), y = tensor({5.0, 7});
    const Tensor first = grad(sum(where(x > 0, x * x * y, y)), x);
    CHECK(values(first) == Numbers{0, 42});
    CHECK(values(grad(sum(first), x)) == Numbers{0, 14});
    CHECK(values(grad(sum(first), y)) == Numbers{0, 6});
    const Tensor largest = max(x * x);
    CHECK(values(grad(sum(grad(largest, x)), x)) == Numbers{0, 2});
  }

  TEST_CASE("grad: ties are split") {
    const Tensor x = tensor({1.0, 4, 4, 4}), y = tensor({1.0, 0, 5, 4});
    CHECK(values(grad(max(x), x)) == Numbers{0, 1.0 / 3, 1.0 / 3, 1.0 / 3});
    CHECK(values(grad(min(-x), x)) == Numbers{0, -1.0 / 3, -1.0 / 3, -1.0 / 3});
    CHECK(values(grad(sum(maximum(x, y)), x)) == Numbers{0.5, 1, 0, 0.5});
    CHECK(values(grad(sum(minimum(x, y)), x)) == Numbers{0.5, 0, 1, 0.5});
    CHECK(values(grad(sum(relu(tensor({-1.0, 0, 2}))), x)) == Numbers{0, 0, 0, 0});
    const Tensor z = tensor({-1.0, 0, 2});
    CHECK(values(grad(sum(relu(z)), z)) == Numbers{0, 0, 1});
    CHECK(values(grad(sum(abs(z)), z)) == Numbers{-1, 0, 1});
  }

  TEST_CASE("grad: broadcasting is undone by sums") {
    const Tensor x = tensor({1.0, 2, 3}, {3, 1}), b = tensor({10.0, 20}), s = tensor({2.0}, {});
    const auto g = grad(sum(x * b + s), {x, b, s});
    CHECK(values(g[0]) == Numbers{30, 30, 30});
    CHECK(values(g[1]) == Numbers{6, 6});
    CHECK(values(g[2]) == Numbers{6});
    CHECK(to_string(g[0].shape()) == "[3,1]");
    CHECK(to_string(g[2].shape()) == "[]");
  }

  TEST_CASE("grad: x^4 three times over") {
    const Tensor x = tensor({2, -1.5});
    Tensor derivative = pow(x, 4);
    for (int order = 1; order <= 3; ++order) derivative = grad(sum(derivative), x);
    CHECK(values(derivative)[0] == doctest::Approx(48));
    CHECK(values(derivative)[1] == doctest::Approx(-36));
    CHECK(values(grad(sum(derivative), x))[0] == doctest::Approx(24));
    CHECK(values(grad(sum(grad(sum(derivative), x)), x)) == Numbers{0, 0});
    if (device()) {
      Tensor again = pow(x, 4);
      for (int order = 1; order <= 3; ++order) again = grad(sum(again), x);
      evaluate({.outputs = {again}}, device());
      CHECK(again.to_vector<double>()[1] == doctest::Approx(-36).epsilon(1e-5));
    }
  }

  TEST_CASE("grad: sin, exp and their like, many orders deep") {
    const Tensor x = tensor({0.7});
    Tensor s = sin(x), e = exp(2 * x);
    for (int order = 1; order <= 5; ++order) {
      s = grad(sum(s), x);
      e = grad(sum(e), x);
    }
    CHECK(values(s)[0] == doctest::Approx(std::cos(0.7)).epsilon(1e-12));
    CHECK(values(e)[0] == doctest::Approx(32 * std::exp(1.4)).epsilon(1e-12));
  }

  // Two nested derivatives: f = sum(tanh(x W)^3), and the gradient of sum(grad(f)^2).
  TEST_CASE("grad: the gradient of the square of a gradient agrees with finite differences") {
    const auto number = [](std::int64_t i) { return 0.1 * static_cast<double>(i * 7 % 19) - 0.9; };
    Numbers x0(12), w0(20);
    for (std::size_t i = 0; i < x0.size(); ++i) x0[i] = number(static_cast<std::int64_t>(i));
    for (std::size_t i = 0; i < w0.size(); ++i) w0[i] = number(static_cast<std::int64_t>(i) + 5);
    const Tensor x = input("x", {3, 4}), w = input("w", {4, 5});
    const Tensor f = sum(pow(tanh(matmul(x, w)), 3));
    const auto first = grad(f, {x, w});
    const Tensor penalty = sum(square(first[0])) + sum(square(first[1]));
    const auto second = grad(penalty, {x, w});

    Program program = compile({.outputs = {penalty, second[0], second[1]}}, reference());
    const auto run = [&](const Numbers& at_x, const Numbers& at_w) {
      return program.run({{x, tensor(at_x, {3, 4})}, {w, tensor(at_w, {4, 5})}});
    };
    const std::vector<Tensor> exact = run(x0, w0);
    const Numbers by_x = exact[1].to_vector<double>(), by_w = exact[2].to_vector<double>();
    const double step = 1e-5;
    const auto difference = [&](Numbers& moved, std::size_t i) {
      const double before = moved[i];
      moved[i] = before + step;
      const double above = run(x0, w0)[0].item<double>();
      moved[i] = before - step;
      const double below = run(x0, w0)[0].item<double>();
      moved[i] = before;
      return (above - below) / (2 * step);
    };
    for (std::size_t i = 0; i < x0.size(); ++i)
      CHECK(by_x[i] == doctest::Approx(difference(x0, i)).epsilon(1e-6));
    for (std::size_t i = 0; i < w0.size(); ++i)
      CHECK(by_w[i] == doctest::Approx(difference(w0, i)).epsilon(1e-6));

    for (const auto& device : devices()) {
      Program there = compile({.outputs = {second[0], second[1]}}, device);
      const std::vector<Tensor> found = there.run({{x, tensor(x0, {3, 4})}, {w, tensor(w0, {4, 5})}});
      const Numbers found_x = found[0].to_vector<double>(), found_w = found[1].to_vector<double>();
      for (std::size_t i = 0; i < x0.size(); ++i) CHECK(found_x[i] == doctest::Approx(by_x[i]).epsilon(1e-4));
      for (std::size_t i = 0; i < w0.size(); ++i) CHECK(found_w[i] == doctest::Approx(by_w[i]).epsilon(1e-4));
    }
  }

  TEST_CASE("grad: evaluated values do not end a gradient") {
    const Tensor x = tensor({2.0, 3});
    const Tensor y = x * x;
    evaluate({.outputs = {y}}, reference());
    CHECK(values(grad(sum(y * x), x)) == Numbers{12, 27});
  }

  TEST_CASE("grad: of values that were held before a variable changed") {
    for (const auto& device : reference_and_device()) {
      const Tensor v = variable(tensor({1.0}));
      const Tensor e = exp(v);
      evaluate({.outputs = {e}}, device);
      const Tensor before = grad(sum(e * e), v);
      assign(v, tensor({2.0}));
      const std::vector<Tensor> found = evaluate({.outputs = {before, grad(sum(e * e), v), e}}, device);
      for (int i = 0; i < 2; ++i)
        CHECK(values(found[i])[0] == doctest::Approx(2 * std::exp(4.0)).epsilon(1e-5));
      CHECK(values(found[2])[0] == doctest::Approx(std::exp(2.0)).epsilon(1e-5));
    }
  }

  TEST_CASE("grad: descent goes the same way whether values are looked at or not") {
    for (const auto& device : reference_and_device()) {
      set_default_device(device);
      const auto descend = [&](bool look) {
        const Tensor x = tensor({1.0, 2, 3, 4}), w = variable(tensor({0.5}));
        const Tensor prediction = x * w;
        if (look) prediction.to_vector();
        const Tensor loss = mean(square(prediction - 3 * x)), slope = grad(loss, w);
        const Numbers first = values(loss);
        for (int i = 0; i < 20; ++i) {
          const Tensor logged = evaluate({.outputs = {loss}, .updates = {{w, w - 0.01 * slope}}})[0];
          if (look) CHECK(logged.item() > loss.item());
          if (look) slope.to_vector();
        }
        CHECK(loss.item() < 0.01 * first[0]);
        return values(w);
      };
      CHECK(descend(true)[0] == doctest::Approx(descend(false)[0]).epsilon(1e-6));
    }
    set_default_device(reference());
  }
}

}  // namespace hekla::testing
