// Timing for the benchmarks: the best of several runs, since whatever else a machine does only ever adds
// time.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>

namespace hekla::bench {

/// Seconds that one step takes in the fastest of `runs` calls of `run`, which does that many steps and waits
/// for them. They are sized to take about `seconds` each; what the first call costs is left out.
inline double best_step_seconds(const std::function<void(int steps)>& run, double seconds = 0.05,
                                int runs = 60) {
  const auto time = [&](int steps) {
    const auto start = std::chrono::steady_clock::now();
    run(steps);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / steps;
  };
  run(1);
  int steps = 1;
  while (steps < 1 << 20 && time(steps) * steps < seconds) steps *= 2;
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < runs; ++i) best = std::min(best, time(steps));
  return best;
}

}  // namespace hekla::bench
