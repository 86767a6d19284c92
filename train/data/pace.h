// Pace: how many steps to pass to one Program::run. They should be enough to keep the device busy, and few
// enough to show live progress.
#pragma once

#include <cstdint>

namespace hekla {

/// Chooses the length of runs from the measured time of earlier ones.
class Pace {
 public:
  /// Aims at runs of `seconds`.
  explicit Pace(double seconds = 0.06) : seconds_(seconds) {}

  /// The length of the next run, at most `left`. The first runs are short, as the time of a step is still
  /// unknown.
  std::int64_t next(std::int64_t left) const;

  /// Records the measured time of a run.
  void ran(std::int64_t steps, double seconds);

 private:
  double seconds_;
  std::int64_t steps_ = 1;
};

}  // namespace hekla
