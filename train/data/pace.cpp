// See pace.h.
#include "train/data/pace.h"

#include <algorithm>

namespace hekla {

namespace {

// A run may be this much longer than the last: one misleadingly short time must not cause a minute of
// silence.
constexpr std::int64_t growth = 4;
// What a display driver still takes as one piece of work from steps of any size.
constexpr std::int64_t longest = 4096;

}  // namespace

std::int64_t Pace::next(std::int64_t left) const { return std::min(steps_, left); }

void Pace::ran(std::int64_t steps, double seconds) {
  const double fitting = seconds_ * static_cast<double>(steps) / std::max(seconds, 1e-9);
  // The last run of an epoch may be short without saying anything against long ones.
  const auto bound = static_cast<double>(std::min(std::max(steps * growth, steps_), longest));
  steps_ = static_cast<std::int64_t>(std::clamp(fitting, 1.0, bound));
}

}  // namespace hekla
