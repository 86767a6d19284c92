// Hyper-dual numbers: exact first and second derivatives of plain C++ functions. They are an oracle that
// shares no code with hekla's graphs. (Fike, Alonso: The Development of Hyper-Dual Numbers for Exact
// Second-Derivative Calculations, 2011.)
#pragma once

#include <cmath>
#include <functional>
#include <vector>

namespace hekla::testing {

/// value + a e1 + b e2 + ab e1 e2 with e1^2 = e2^2 = 0: f(x + e1 + e2) has f' in a and b and f'' in ab.
struct HyperDual {
  double value = 0;
  double a = 0;
  double b = 0;
  double ab = 0;

  HyperDual(double number = 0) : value(number) {}
  HyperDual(double v, double va, double vb, double vab) : value(v), a(va), b(vb), ab(vab) {}
};

/// f(x) given f, f' and f'' at x.value.
inline HyperDual chain(const HyperDual& x, double f, double slope, double bend) {
  return {f, slope * x.a, slope * x.b, slope * x.ab + bend * x.a * x.b};
}

inline HyperDual operator+(const HyperDual& x, const HyperDual& y) {
  return {x.value + y.value, x.a + y.a, x.b + y.b, x.ab + y.ab};
}
inline HyperDual operator-(const HyperDual& x) { return chain(x, -x.value, -1, 0); }
inline HyperDual operator-(const HyperDual& x, const HyperDual& y) { return x + -y; }
inline HyperDual operator*(const HyperDual& x, const HyperDual& y) {
  return {x.value * y.value, x.a * y.value + x.value * y.a, x.b * y.value + x.value * y.b,
          x.ab * y.value + x.a * y.b + x.b * y.a + x.value * y.ab};
}
inline HyperDual operator/(const HyperDual& x, const HyperDual& y) {
  const double r = 1 / y.value;
  return x * chain(y, r, -r * r, 2 * r * r * r);
}
inline HyperDual& operator+=(HyperDual& x, const HyperDual& y) { return x = x + y; }
inline HyperDual exp(const HyperDual& x) {
  const double e = std::exp(x.value);
  return chain(x, e, e, e);
}
inline HyperDual log(const HyperDual& x) {
  return chain(x, std::log(x.value), 1 / x.value, -1 / (x.value * x.value));
}
inline HyperDual sqrt(const HyperDual& x) {
  const double r = std::sqrt(x.value);
  return chain(x, r, 0.5 / r, -0.25 / (r * x.value));
}
inline HyperDual sin(const HyperDual& x) {
  return chain(x, std::sin(x.value), std::cos(x.value), -std::sin(x.value));
}
inline HyperDual cos(const HyperDual& x) {
  return chain(x, std::cos(x.value), -std::sin(x.value), -std::cos(x.value));
}
inline HyperDual atan(const HyperDual& x) {
  const double d = 1 / (1 + x.value * x.value);
  return chain(x, std::atan(x.value), d, -2 * x.value * d * d);
}
inline HyperDual abs(const HyperDual& x) { return x.value < 0 ? -x : x; }
inline HyperDual square(const HyperDual& x) { return x * x; }

using HyperDuals = std::vector<HyperDual>;

struct Derivatives {
  double value = 0;
  std::vector<double> gradient;
  std::vector<double> hessian;  // row-major
};

/// All first and second derivatives of f at x.
inline Derivatives derivatives(const std::function<HyperDual(const HyperDuals&)>& f,
                               const std::vector<double>& x) {
  Derivatives found;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j < x.size(); ++j) {
      HyperDuals moved(x.begin(), x.end());
      moved[i].a = 1;
      moved[j].b = 1;
      const HyperDual y = f(moved);
      found.value = y.value;
      found.hessian.push_back(y.ab);
      if (j == 0) found.gradient.push_back(y.a);
    }
  }
  return found;
}

}  // namespace hekla::testing
