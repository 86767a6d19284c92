// Derivatives of the More-Garbow-Hillstrom problems against hyper-dual numbers, and Newton's method built on
// hvp.
#include "tests/autodiff/more_garbow_hillstrom.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "autodiff/autodiff.h"
#include "graph/run/program.h"
#include "ops/create.h"
#include "tests/autodiff/newton.h"
#include "tests/support/devices.h"

namespace hekla::testing {

namespace {

using Vector = std::vector<double>;

// The problem's graph compiled for a device: value and gradient, and Hessian-vector products.
class Compiled {
 public:
  Compiled(const Problem& problem, const std::shared_ptr<Evaluator>& device)
      : x_(input("x", {static_cast<std::int64_t>(problem.start.size())})),
        v_(input("v", x_.shape())),
        f_(problem.graph(x_)),
        value_(compile({.outputs = {f_}}, device)),
        first_(compile({.outputs = {f_, grad(f_, x_)}}, device)),
        product_(compile({.outputs = {hvp(f_, x_, v_)}}, device)),
        hessian_(compile({.outputs = {hessian(f_, x_)}}, device)) {}

  double value(const Vector& x) { return value_.run({{x_, tensor(x)}})[0].item<double>(); }

  Derivatives derivatives(const Vector& x) {
    Derivatives found = first(x);
    found.hessian = hessian_.run({{x_, tensor(x)}})[0].to_vector<double>();
    return found;
  }

  // The Hessian, column by column, from a product with each axis.
  Derivatives derivatives_by_products(const Vector& x) {
    Derivatives found = first(x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      Vector unit(x.size(), 0);
      unit[i] = 1;
      const Vector row = product_.run({{x_, tensor(x)}, {v_, tensor(unit)}})[0].to_vector<double>();
      found.hessian.insert(found.hessian.end(), row.begin(), row.end());
    }
    return found;
  }

 private:
  Derivatives first(const Vector& x) {
    const std::vector<Tensor> outputs = first_.run({{x_, tensor(x)}});
    return {.value = outputs[0].item<double>(), .gradient = outputs[1].to_vector<double>(), .hessian = {}};
  }

  Tensor x_, v_, f_;
  Program value_, first_, product_, hessian_;
};

double largest(const Vector& numbers) {
  double found = 0;
  for (const double number : numbers) found = std::max(found, std::fabs(number));
  return found;
}

// Relative to the largest element, as cancellation leaves smaller ones less accurate.
double difference(const Vector& a, const Vector& b) {
  REQUIRE(a.size() == b.size());
  Vector apart(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) apart[i] = a[i] - b[i];
  return largest(apart) / std::max(largest(b), 1e-300);
}

// The standard start, and a nearby point where no element is special.
std::vector<Vector> points_of(const Problem& problem) {
  Vector beside = problem.start;
  for (std::size_t i = 0; i < beside.size(); ++i) beside[i] += 0.05 * std::sin(static_cast<double>(i + 1));
  return {problem.start, beside};
}

void check_derivatives(const Problem& problem, const std::shared_ptr<Evaluator>& device, double tolerance) {
  Compiled compiled(problem, device);
  for (const Vector& x : points_of(problem)) {
    const Derivatives exact = derivatives(problem.plain, x);
    const Derivatives found = compiled.derivatives(x);
    const Derivatives products = compiled.derivatives_by_products(x);
    CHECK(std::fabs(found.value - exact.value) <= tolerance * std::fabs(exact.value));
    CHECK(difference(found.gradient, exact.gradient) <= tolerance);
    CHECK(difference(found.hessian, exact.hessian) <= tolerance);
    CHECK(difference(products.hessian, exact.hessian) <= tolerance);
  }
}

}  // namespace

TEST_SUITE("autodiff") {
  TEST_CASE("More-Garbow-Hillstrom: gradients and Hessians agree with hyper-dual numbers to 1e-10") {
    const std::vector<Problem> problems = more_garbow_hillstrom();
    CHECK(problems.size() == 18);
    for (const Problem& problem : problems) {
      CAPTURE(problem.name);
      check_derivatives(problem, reference(), 1e-10);
    }
  }

  TEST_CASE("More-Garbow-Hillstrom: gradients and Hessians on the device") {
    if (!device()) return;
    for (const Problem& problem : more_garbow_hillstrom()) {
      // At the start, f32 cannot represent its residuals of 1e-6 beside 1e6.
      if (problem.name == "Brown badly scaled") continue;
      // Only small ones, since each needs some twenty kernels.
      if (problem.start.size() > 4) continue;
      CAPTURE(problem.name);
      check_derivatives(problem, device(), 1e-3);
    }
  }

  TEST_CASE("More-Garbow-Hillstrom: Newton's method on hvp reaches the published minima") {
    for (const Problem& problem : more_garbow_hillstrom()) {
      CAPTURE(problem.name);
      Compiled compiled(problem, reference());
      const Minimum found = newton([&](const Vector& x) { return compiled.derivatives_by_products(x); },
                                   [&](const Vector& x) { return compiled.value(x); }, problem.start, 300);
      CAPTURE(found.value);
      CAPTURE(found.steps);
      // Minima are published to six digits. For a minimum of zero the method converges to rounding.
      const bool reached = std::any_of(problem.minima.begin(), problem.minima.end(), [&](double minimum) {
        return minimum == 0 ? found.value <= 1e-15 : std::fabs(found.value - minimum) <= 1e-5 * minimum;
      });
      CHECK(reached);
    }
  }
}

}  // namespace hekla::testing
