// Newton's method for a few parameters, with adaptive damping.
#pragma once

#include <functional>
#include <vector>

#include "tests/support/hyper_dual.h"

namespace hekla::testing {

struct Minimum {
  std::vector<double> x;
  double value = 0;
  int steps = 0;
};

/// Steps solve (H + damping D) step = -g, where D holds the largest curvature met along each axis. The
/// damping falls after a step as good as predicted and rises after one that does not descend. Ends when a
/// step no longer changes the value.
Minimum newton(const std::function<Derivatives(const std::vector<double>&)>& derivatives,
               const std::function<double(const std::vector<double>&)>& value, std::vector<double> start,
               int most_steps);

}  // namespace hekla::testing
