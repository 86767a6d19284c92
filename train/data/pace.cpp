// See pace.h.
#include "train/data/pace.h"

#include <algorithm>

namespace hekla {

namespace {

// The bound of a run relative to the last: one misleadingly short time must not cause a minute of silence.
constexpr std::int64_t growth = 4;
// The number of steps, whatever their size, that a display driver still accepts as one piece of work.
constexpr std::int64_t longest = 4096;

}  // namespace

std::int64_t Pace::next(std::int64_t left) const { return std::min(steps_, left); }

void Pace::ran(std::int64_t steps, double seconds) {
  const double fitting = seconds_ * static_cast<double>(steps) / std::max(seconds, 1e-9);
  // The last run of an epoch may be short, which is no evidence against long runs.
  const auto bound = static_cast<double>(std::min(std::max(steps * growth, steps_), longest));
  steps_ = static_cast<std::int64_t>(std::clamp(fitting, 1.0, bound));
}

}  // namespace hekla
