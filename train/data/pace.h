// How many steps to give to one Program::run: enough to keep the device busy, few enough to show live
// progress.
#pragma once

#include <cstdint>

namespace hekla {

/// Chooses the length of runs from the time that the ones before took.
class Pace {
 public:
  /// Steers towards runs of `seconds`.
  explicit Pace(double seconds = 0.06) : seconds_(seconds) {}

  /// The length of the next run, at most `left`. The first ones are short: nothing is known yet about the
  /// step.
  std::int64_t next(std::int64_t left) const;

  /// Learns from a run that took so long.
  void ran(std::int64_t steps, double seconds);

 private:
  double seconds_;
  std::int64_t steps_ = 1;
};

}  // namespace hekla
