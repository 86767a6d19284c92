// The problems as graphs over a vector of parameters.
#include <cmath>
#include <functional>
#include <numbers>

#include "ops/ops.h"
#include "tests/autodiff/more_garbow_hillstrom.h"

namespace hekla::testing::graphs {

namespace {

/// [f(1), f(2), ..., f(count)].
Tensor data(int count, const std::function<double(int)>& f) {
  std::vector<double> elements;
  for (int i = 1; i <= count; ++i) elements.push_back(f(i));
  return tensor(elements);
}

Tensor element(const Tensor& x, std::int64_t i) { return reshape(slice(x, {{i, i + 1}}), Shape{}); }
/// A strided slice: elements first, first + step, ...
Tensor every(const Tensor& x, std::int64_t step, std::int64_t first) {
  return slice(x, {{.start = first, .step = step}});
}
Tensor tenths(int count) {
  return data(count, [](int i) { return 0.1 * i; });
}
Tensor positions(const Tensor& x) { return arange(x.count(), f32) + 1; }

}  // namespace

Tensor helical_valley(const Tensor& x) {
  const Tensor a = element(x, 0), b = element(x, 1), c = element(x, 2);
  const Tensor theta = atan(b / a) / (2 * std::numbers::pi) + where(a < 0, 0.5, 0.0);
  return square(10 * (c - 10 * theta)) + square(10 * (sqrt(a * a + b * b) - 1)) + square(c);
}

Tensor biggs_exp6(const Tensor& x) {
  const Tensor t = tenths(13);
  const Tensor y = exp(-t) - 5 * exp(-10 * t) + 3 * exp(-4 * t);
  return sum(square(element(x, 2) * exp(-t * element(x, 0)) - element(x, 3) * exp(-t * element(x, 1)) +
                    element(x, 5) * exp(-t * element(x, 4)) - y));
}

Tensor gaussian(const Tensor& x) {
  const Tensor t = data(15, [](int i) { return (8 - i) / 2.0; });
  const Tensor y = tensor({0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989, 0.3521, 0.2420,
                           0.1295, 0.0540, 0.0175, 0.0044, 0.0009});
  return sum(square(element(x, 0) * exp(-0.5 * element(x, 1) * square(t - element(x, 2))) - y));
}

Tensor powell_badly_scaled(const Tensor& x) {
  return square(1e4 * element(x, 0) * element(x, 1) - 1) + square(sum(exp(-x)) - 1.0001);
}

Tensor box_3d(const Tensor& x) {
  const Tensor t = tenths(10);
  return sum(
      square(exp(-t * element(x, 0)) - exp(-t * element(x, 1)) - element(x, 2) * (exp(-t) - exp(-10 * t))));
}

Tensor variably_dimensioned(const Tensor& x) {
  const Tensor weighted = sum(positions(x) * (x - 1));
  return sum(square(x - 1)) + square(weighted) + pow(weighted, 4);
}

Tensor watson(const Tensor& x) {
  const Tensor t = reshape(data(29, [](int i) { return i / 29.0; }), {29, 1});
  std::vector<Tensor> powers{ones({29, 1})};
  while (static_cast<std::int64_t>(powers.size()) < x.count()) powers.push_back(powers.back() * t);
  const Tensor vandermonde = concat(powers, 1);
  const Tensor column = reshape(x, {-1, 1});
  const Tensor polynomial = matmul(vandermonde, column);
  const Tensor slope = matmul(slice(vandermonde, {{}, {0, -1}}),
                              slice(column * reshape(arange(x.count(), f32), {-1, 1}), {{1}}));
  const Tensor first = element(x, 0);
  return sum(square(slope - square(polynomial) - 1)) + square(first) +
         square(element(x, 1) - square(first) - 1);
}

Tensor penalty_1(const Tensor& x) { return 1e-5 * sum(square(x - 1)) + square(sum(square(x)) - 0.25); }

Tensor penalty_2(const Tensor& x) {
  const auto n = static_cast<int>(x.count());
  const Tensor e = exp(x / 10);
  const Tensor y = data(n - 1, [](int i) { return std::exp((i + 1) / 10.0) + std::exp(i / 10.0); });
  const Tensor later = slice(e, {{1}});
  return square(element(x, 0) - 0.2) + 1e-5 * sum(square(later + slice(e, {{0, -1}}) - y)) +
         1e-5 * sum(square(later - std::exp(-0.1))) + square(sum((n + 1 - positions(x)) * square(x)) - 1);
}

Tensor brown_badly_scaled(const Tensor& x) {
  const Tensor a = element(x, 0), b = element(x, 1);
  return square(a - 1e6) + square(b - 2e-6) + square(a * b - 2);
}

Tensor brown_dennis(const Tensor& x) {
  const Tensor t = data(20, [](int i) { return i / 5.0; });
  return sum(square(square(element(x, 0) + t * element(x, 1) - exp(t)) +
                    square(element(x, 2) + element(x, 3) * sin(t) - cos(t))));
}

Tensor gulf(const Tensor& x) {
  const Tensor t = data(99, [](int i) { return i / 100.0; });
  const Tensor y = data(99, [](int i) { return 25 + std::pow(-50 * std::log(i / 100.0), 2.0 / 3); });
  return sum(square(exp(-pow(abs(y - element(x, 1)), element(x, 2)) / element(x, 0)) - t));
}

Tensor trigonometric(const Tensor& x) {
  return sum(square(sum(1 - cos(x)) + positions(x) * (1 - cos(x)) - sin(x)));
}

Tensor extended_rosenbrock(const Tensor& x) {
  const Tensor odd = every(x, 2, 0);
  return sum(square(10 * (every(x, 2, 1) - square(odd))) + square(1 - odd));
}

Tensor extended_powell_singular(const Tensor& x) {
  const Tensor a = every(x, 4, 0), b = every(x, 4, 1), c = every(x, 4, 2), d = every(x, 4, 3);
  return sum(square(a + 10 * b) + 5 * square(c - d) + pow(b - 2 * c, 4) + 10 * pow(a - d, 4));
}

Tensor beale(const Tensor& x) {
  const Tensor b = element(x, 1);
  const Tensor powers = concat({reshape(b, {1}), reshape(b * b, {1}), reshape(b * b * b, {1})}, 0);
  return sum(square(tensor({1.5, 2.25, 2.625}) - element(x, 0) * (1 - powers)));
}

Tensor wood(const Tensor& x) {
  const Tensor odd = every(x, 2, 0), even = every(x, 2, 1);
  return sum(tensor({100.0, 90}) * square(even - square(odd)) + square(1 - odd)) +
         10 * square(sum(even) - 2) + 0.1 * square(element(even, 0) - element(even, 1));
}

Tensor chebyquad(const Tensor& x) {
  const Tensor shifted = 2 * x - 1;
  Tensor before = ones_like(x), now = shifted;
  Tensor f = 0.0;
  for (std::int64_t i = 1; i <= x.count(); ++i) {
    const auto degree = static_cast<double>(i);
    f = f + square(mean(now) + (i % 2 == 1 ? 0 : 1 / (degree * degree - 1)));
    const Tensor next = 2 * shifted * now - before;
    before = now;
    now = next;
  }
  return f;
}

}  // namespace hekla::testing::graphs
