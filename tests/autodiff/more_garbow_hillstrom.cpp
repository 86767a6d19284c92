// The problems in plain C++, as the paper states them, with starting points and minima.
#include "tests/autodiff/more_garbow_hillstrom.h"

#include <array>
#include <numbers>

namespace hekla::testing {

namespace {

namespace plain {

HyperDual helical_valley(const HyperDuals& x) {
  const double turn = x[0].value < 0 ? 0.5 : 0;
  const HyperDual theta = atan(x[1] / x[0]) / (2 * std::numbers::pi) + turn;
  return square(10 * (x[2] - 10 * theta)) + square(10 * (sqrt(square(x[0]) + square(x[1])) - 1)) +
         square(x[2]);
}

HyperDual biggs_exp6(const HyperDuals& x) {
  HyperDual f;
  for (int i = 1; i <= 13; ++i) {
    const double t = 0.1 * i;
    const double y = std::exp(-t) - 5 * std::exp(-10 * t) + 3 * std::exp(-4 * t);
    f += square(x[2] * exp(-t * x[0]) - x[3] * exp(-t * x[1]) + x[5] * exp(-t * x[4]) - y);
  }
  return f;
}

HyperDual gaussian(const HyperDuals& x) {
  constexpr std::array y{0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989};
  HyperDual f;
  for (int i = 1; i <= 15; ++i) {
    const double t = (8 - i) / 2.0;
    f += square(x[0] * exp(-x[1] * square(t - x[2]) / 2) -
                y[static_cast<std::size_t>(i <= 8 ? i - 1 : 15 - i)]);
  }
  return f;
}

HyperDual powell_badly_scaled(const HyperDuals& x) {
  return square(1e4 * x[0] * x[1] - 1) + square(exp(-x[0]) + exp(-x[1]) - 1.0001);
}

HyperDual box_3d(const HyperDuals& x) {
  HyperDual f;
  for (int i = 1; i <= 10; ++i) {
    const double t = 0.1 * i;
    f += square(exp(-t * x[0]) - exp(-t * x[1]) - x[2] * (std::exp(-t) - std::exp(-10 * t)));
  }
  return f;
}

HyperDual variably_dimensioned(const HyperDuals& x) {
  HyperDual f, weighted;
  for (std::size_t j = 0; j < x.size(); ++j) {
    f += square(x[j] - 1);
    weighted += static_cast<double>(j + 1) * (x[j] - 1);
  }
  return f + square(weighted) + square(square(weighted));
}

HyperDual watson(const HyperDuals& x) {
  HyperDual f = square(x[0]) + square(x[1] - square(x[0]) - 1);
  for (int i = 1; i <= 29; ++i) {
    const double t = i / 29.0;
    HyperDual polynomial, slope;
    for (std::size_t j = x.size(); j-- > 0;) {
      slope = slope * t + polynomial;
      polynomial = polynomial * t + x[j];
    }
    f += square(slope - square(polynomial) - 1);
  }
  return f;
}

HyperDual penalty_1(const HyperDuals& x) {
  HyperDual f, length = -0.25;
  for (const HyperDual& along : x) {
    f += 1e-5 * square(along - 1);
    length += square(along);
  }
  return f + square(length);
}

HyperDual penalty_2(const HyperDuals& x) {
  const std::size_t n = x.size();
  HyperDual f = square(x[0] - 0.2), weighted = -1;
  for (std::size_t i = 1; i < n; ++i) {
    const double y = std::exp(static_cast<double>(i + 1) / 10) + std::exp(static_cast<double>(i) / 10);
    f += 1e-5 * square(exp(x[i] / 10) + exp(x[i - 1] / 10) - y);
    f += 1e-5 * square(exp(x[i] / 10) - std::exp(-0.1));
  }
  for (std::size_t j = 0; j < n; ++j) weighted += static_cast<double>(n - j) * square(x[j]);
  return f + square(weighted);
}

HyperDual brown_badly_scaled(const HyperDuals& x) {
  return square(x[0] - 1e6) + square(x[1] - 2e-6) + square(x[0] * x[1] - 2);
}

HyperDual brown_dennis(const HyperDuals& x) {
  HyperDual f;
  for (int i = 1; i <= 20; ++i) {
    const double t = i / 5.0;
    f += square(square(x[0] + t * x[1] - std::exp(t)) + square(x[2] + std::sin(t) * x[3] - std::cos(t)));
  }
  return f;
}

HyperDual gulf(const HyperDuals& x) {
  HyperDual f;
  for (int i = 1; i <= 99; ++i) {
    const double t = i / 100.0;
    const double y = 25 + std::pow(-50 * std::log(t), 2.0 / 3);
    f += square(exp(-exp(x[2] * log(abs(y - x[1]))) / x[0]) - t);
  }
  return f;
}

HyperDual trigonometric(const HyperDuals& x) {
  const auto n = static_cast<double>(x.size());
  HyperDual f, cosines;
  for (const HyperDual& along : x) cosines += cos(along);
  for (std::size_t i = 0; i < x.size(); ++i) {
    f += square(n - cosines + static_cast<double>(i + 1) * (1 - cos(x[i])) - sin(x[i]));
  }
  return f;
}

HyperDual extended_rosenbrock(const HyperDuals& x) {
  HyperDual f;
  for (std::size_t i = 0; i < x.size(); i += 2)
    f += square(10 * (x[i + 1] - square(x[i]))) + square(1 - x[i]);
  return f;
}

HyperDual extended_powell_singular(const HyperDuals& x) {
  HyperDual f;
  for (std::size_t i = 0; i < x.size(); i += 4) {
    f += square(x[i] + 10 * x[i + 1]) + 5 * square(x[i + 2] - x[i + 3]) +
         square(square(x[i + 1] - 2 * x[i + 2])) + 10 * square(square(x[i] - x[i + 3]));
  }
  return f;
}

HyperDual beale(const HyperDuals& x) {
  const HyperDual& y = x[1];
  return square(1.5 - x[0] * (1 - y)) + square(2.25 - x[0] * (1 - y * y)) +
         square(2.625 - x[0] * (1 - y * y * y));
}

HyperDual wood(const HyperDuals& x) {
  return 100 * square(x[1] - square(x[0])) + square(1 - x[0]) + 90 * square(x[3] - square(x[2])) +
         square(1 - x[2]) + 10 * square(x[1] + x[3] - 2) + 0.1 * square(x[1] - x[3]);
}

HyperDual chebyquad(const HyperDuals& x) {
  const std::size_t n = x.size();
  HyperDuals sums(n);
  for (const HyperDual& along : x) {
    HyperDual before = 1, now = 2 * along - 1;
    for (std::size_t i = 0; i < n; ++i) {
      sums[i] += now;
      const HyperDual next = 2 * (2 * along - 1) * now - before;
      before = now;
      now = next;
    }
  }
  HyperDual f;
  for (std::size_t i = 1; i <= n; ++i) {
    const auto degree = static_cast<double>(i);
    const double integral = i % 2 == 1 ? 0 : -1 / (degree * degree - 1);
    f += square(sums[i - 1] / static_cast<double>(n) - integral);
  }
  return f;
}

}  // namespace plain

std::vector<double> repeated(const std::vector<double>& pattern, int times) {
  std::vector<double> result;
  for (int i = 0; i < times; ++i) result.insert(result.end(), pattern.begin(), pattern.end());
  return result;
}

std::vector<double> ramp(int n, double (*at)(int j, int n)) {
  std::vector<double> result;
  for (int j = 1; j <= n; ++j) result.push_back(at(j, n));
  return result;
}

}  // namespace

std::vector<Problem> more_garbow_hillstrom() {
  return {
      {"helical valley", {-1, 0, 0}, {0}, graphs::helical_valley, plain::helical_valley},
      {"Biggs EXP6", {1, 2, 1, 1, 1, 1}, {0, 5.65565e-3}, graphs::biggs_exp6, plain::biggs_exp6},
      {"Gaussian", {0.4, 1, 0}, {1.12793e-8}, graphs::gaussian, plain::gaussian},
      {"Powell badly scaled", {0, 1}, {0}, graphs::powell_badly_scaled, plain::powell_badly_scaled},
      {"box three-dimensional", {0, 10, 20}, {0}, graphs::box_3d, plain::box_3d},
      {"variably dimensioned",
       ramp(10, [](int j, int n) { return 1 - static_cast<double>(j) / n; }),
       {0},
       graphs::variably_dimensioned,
       plain::variably_dimensioned},
      {"Watson", repeated({0}, 6), {2.28767e-3}, graphs::watson, plain::watson},
      {"penalty I",
       ramp(4, [](int j, int) { return static_cast<double>(j); }),
       {2.24997e-5},
       graphs::penalty_1,
       plain::penalty_1},
      {"penalty II", repeated({0.5}, 4), {9.37629e-6}, graphs::penalty_2, plain::penalty_2},
      {"Brown badly scaled", {1, 1}, {0}, graphs::brown_badly_scaled, plain::brown_badly_scaled},
      {"Brown and Dennis", {25, 5, -5, -1}, {85822.2}, graphs::brown_dennis, plain::brown_dennis},
      {"Gulf research and development", {5, 2.5, 0.15}, {0}, graphs::gulf, plain::gulf},
      {"trigonometric",
       ramp(10, [](int, int n) { return 1.0 / n; }),
       {0, 2.79506e-5},
       graphs::trigonometric,
       plain::trigonometric},
      {"extended Rosenbrock",
       repeated({-1.2, 1}, 5),
       {0},
       graphs::extended_rosenbrock,
       plain::extended_rosenbrock},
      {"extended Powell singular",
       repeated({3, -1, 0, 1}, 2),
       {0},
       graphs::extended_powell_singular,
       plain::extended_powell_singular},
      {"Beale", {1, 1}, {0}, graphs::beale, plain::beale},
      {"Wood", {-3, -1, -3, -1}, {0}, graphs::wood, plain::wood},
      {"Chebyquad",
       ramp(8, [](int j, int n) { return static_cast<double>(j) / (n + 1); }),
       {3.51687e-3},
       graphs::chebyquad,
       plain::chebyquad},
  };
}

}  // namespace hekla::testing
