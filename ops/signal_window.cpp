// Window functions. They depend on numbers alone, so the host computes them, in double precision.
#include "ops/signal_window.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "graph/error.h"
#include "ops/create.h"

namespace hekla {

namespace {

using std::numbers::pi;

// `value` at the positions from 0 to 1 of a window. A single one is 1, as in PyTorch.
Tensor window(std::string_view op, std::int64_t length, bool periodic,
              const std::function<double(double position)>& value) {
  if (length < 0) throw Error(fmt::format("[{}] length {}; it must not be negative.", op, length));
  const auto last = static_cast<double>(periodic ? length : length - 1);
  std::vector<double> values;
  for (std::int64_t i = 0; i < length; ++i)
    values.push_back(length == 1 ? 1 : value(static_cast<double>(i) / last));
  return tensor(values);
}

// The power series, whose terms are all positive: I0(x) = sum over k of ((x / 2)^k / k!)^2.
double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > 1e-17 * sum; ++k) {
    term *= x / (2 * k) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

}  // namespace

Tensor hann_window(std::int64_t length, bool periodic) {
  return window("hann_window", length, periodic,
                [](double position) { return 0.5 - 0.5 * std::cos(2 * pi * position); });
}

Tensor hamming_window(std::int64_t length, bool periodic, double alpha, double beta) {
  return window("hamming_window", length, periodic,
                [=](double position) { return alpha - beta * std::cos(2 * pi * position); });
}

Tensor blackman_window(std::int64_t length, bool periodic) {
  return window("blackman_window", length, periodic, [](double position) {
    return 0.42 - 0.5 * std::cos(2 * pi * position) + 0.08 * std::cos(4 * pi * position);
  });
}

Tensor bartlett_window(std::int64_t length, bool periodic) {
  return window("bartlett_window", length, periodic,
                [](double position) { return 1 - std::fabs(2 * position - 1); });
}

Tensor kaiser_window(std::int64_t length, bool periodic, double beta) {
  // Beyond 700 I0 is larger than a double.
  if (!(beta >= 0 && beta <= 700))
    throw Error(fmt::format("[kaiser_window] beta is {}; it must lie in [0, 700].", beta));
  return window("kaiser_window", length, periodic, [=](double position) {
    const double from_center = 2 * position - 1;
    return bessel_i0(beta * std::sqrt(1 - from_center * from_center)) / bessel_i0(beta);
  });
}

}  // namespace hekla
