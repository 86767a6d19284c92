// Newton's method with Levenberg-Marquardt damping.
#include "tests/autodiff/newton.h"

#include <algorithm>
#include <cmath>

namespace hekla::testing {

namespace {

using Vector = std::vector<double>;

// Solves m x = b by Cholesky factorization; empty when m is not safely positive definite.
Vector solve(Vector m, Vector b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = m[i * n + j];
      for (std::size_t k = 0; k < j; ++k) rest -= m[i * n + k] * m[j * n + k];
      if (i == j && !(rest > 1e-14 * m[i * n + i])) return {};
      m[i * n + j] = i == j ? std::sqrt(rest) : rest / m[j * n + j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= m[i * n + k] * b[k];
    b[i] /= m[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= m[k * n + i] * b[k];
    b[i] /= m[i * n + i];
  }
  return b;
}

double dot(const Vector& a, const Vector& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) total += a[i] * b[i];
  return total;
}

}  // namespace

Minimum newton(const std::function<Derivatives(const Vector&)>& derivatives,
               const std::function<double(const Vector&)>& value, Vector start, int most_steps) {
  Minimum at{.x = std::move(start)};
  const std::size_t n = at.x.size();
  Vector scale(n, 0);
  double damping = 1e-3;
  Derivatives here = derivatives(at.x);
  for (; at.steps < most_steps; ++at.steps) {
    for (std::size_t i = 0; i < n; ++i) scale[i] = std::max(scale[i], std::fabs(here.hessian[i * n + i]));
    const double least = 1e-10 * *std::max_element(scale.begin(), scale.end());
    Vector step;
    double predicted = 0;
    double found = here.value;
    Vector there;
    for (; damping < 1e30; damping = std::max(4 * damping, 1e-6)) {
      Vector m = here.hessian;
      for (std::size_t i = 0; i < n; ++i) m[i * n + i] += damping * std::max(scale[i], least);
      step = solve(m, here.gradient);
      if (step.empty()) continue;
      there = at.x;
      for (std::size_t i = 0; i < n; ++i) there[i] -= step[i];
      predicted = 0.5 * dot(here.gradient, step);
      found = value(there);
      if (found < here.value || std::fabs(predicted) <= 1e-16 * std::fabs(here.value)) break;
    }
    if (!(found < here.value)) break;
    const bool good = here.value - found > 0.5 * predicted;
    const bool done = here.value - found <= 1e-15 * std::fabs(here.value) || found < 1e-20;
    at.x = there;
    here = derivatives(at.x);
    if (done) break;
    damping = good ? (damping < 1e-8 ? 0 : damping / 5) : damping * 2;
  }
  at.value = here.value;
  return at;
}

}  // namespace hekla::testing
