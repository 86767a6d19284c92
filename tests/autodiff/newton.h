// Newton's method for a few parameters, with a damping that adapts itself.
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

/// Steps (H + damping D) step = -g with D the largest curvatures met along each axis; the damping falls after
/// a step as good as predicted and rises after one that does not descend. Ends when a step no longer changes
/// the value.
Minimum newton(const std::function<Derivatives(const std::vector<double>&)>& derivatives,
               const std::function<double(const std::vector<double>&)>& value, std::vector<double> start,
               int most_steps);

}  // namespace hekla::testing
