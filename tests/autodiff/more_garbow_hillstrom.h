// The eighteen unconstrained problems of More, Garbow, Hillstrom: Testing Unconstrained Optimization
// Software, ACM TOMS 7 (1981), and Algorithm 566: each once as a hekla graph and once, independently, in
// plain C++.
#pragma once

#include <string>
#include <vector>

#include "graph/tensor.h"
#include "tests/support/hyper_dual.h"

namespace hekla::testing {

struct Problem {
  std::string name;
  std::vector<double> start;   // the standard starting point
  std::vector<double> minima;  // published values at minimizers; a method may end in any
  Tensor (*graph)(const Tensor& x);
  HyperDual (*plain)(const HyperDuals& x);
};

/// In the order of Algorithm 566.
std::vector<Problem> more_garbow_hillstrom();

namespace graphs {

Tensor helical_valley(const Tensor& x);
Tensor biggs_exp6(const Tensor& x);
Tensor gaussian(const Tensor& x);
Tensor powell_badly_scaled(const Tensor& x);
Tensor box_3d(const Tensor& x);
Tensor variably_dimensioned(const Tensor& x);
Tensor watson(const Tensor& x);
Tensor penalty_1(const Tensor& x);
Tensor penalty_2(const Tensor& x);
Tensor brown_badly_scaled(const Tensor& x);
Tensor brown_dennis(const Tensor& x);
Tensor gulf(const Tensor& x);
Tensor trigonometric(const Tensor& x);
Tensor extended_rosenbrock(const Tensor& x);
Tensor extended_powell_singular(const Tensor& x);
Tensor beale(const Tensor& x);
Tensor wood(const Tensor& x);
Tensor chebyquad(const Tensor& x);

}  // namespace graphs

}  // namespace hekla::testing
