// Measured times of a plan's kernels as a table, for people.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "graph/compiler/work.h"

namespace hekla::backend {

/// A kernel as measurements name it.
struct TimedKernel {
  std::string label;
  compiler::Work work;
};

/// The kernels of a plan.
std::vector<TimedKernel> timed_kernels(const compiler::Plan& plan);

/// The mean time of each kernel in a step, its throughput (see graph/compiler/work.h) and its share of the step.
/// `nanoseconds` are the sums over all `steps` measured.
std::string table_of_times(const std::string& plan, const std::string& device,
                           std::span<const TimedKernel> kernels, std::span<const double> nanoseconds,
                           int steps);

}  // namespace hekla::backend
