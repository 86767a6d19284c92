// The progress of an epoch, shown as Keras shows it: a live bar on a terminal, plain lines elsewhere.
// The format_ functions are pure; ProgressBar decides when to print what they make.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace hekla {

struct MetricValue {
  std::string name;
  double value = 0;
};

/// The progress of an epoch at one moment. Times are in seconds.
struct ProgressMoment {
  std::int64_t step = 0;
  std::int64_t total = 0;  // 0: unknown
  double elapsed = 0;
  double per_step = 0;  // 0: not known yet
  std::span<const MetricValue> metrics;

  bool finished() const { return total > 0 && step >= total; }
};

/// `%.4f`, or `%.4e` for values of at most 0.001 in magnitude.
std::string format_metric(double value);

/// `3s`, `1:05`, `2:03:04`.
std::string format_duration(double seconds);

/// `850µs/step`, `2ms/step`, `3s/step`.
std::string format_step_time(double seconds);

/// The live line, at most `width` columns wide:
/// ` 750/1500 ━━━━━━━━━━────────── 3s 2ms/step - accuracy: 0.7370 - loss: 0.7853`, with the remaining time
/// while running and the elapsed time when finished. Where the width does not suffice, the bar is dropped
/// first, then the last metrics. With `color` the bar is drawn in green and grey, which takes no columns.
std::string format_live_line(const ProgressMoment& moment, int width, bool color);

/// The line for files and pipes: ` 750/1500 - 1s - 2ms/step - accuracy: 0.7370 - loss: 0.7853`, with elapsed
/// time.
std::string format_plain_line(const ProgressMoment& moment);

/// Where a bar is shown, and its clock; tests replace both.
struct ProgressOutput {
  bool terminal = false;
  bool color = false;
  int milestones = 4;                           ///< lines for an epoch where lines cannot be overwritten
  std::function<int()> width;                   // asked at each line, as windows are resized
  std::function<void(std::string_view)> print;  // must flush
  std::function<double()> seconds;              // monotonic
};

/// Standard output as it is: live on a terminal, in colour unless NO_COLOR is set.
ProgressOutput standard_output();

/// Shows one epoch. The title (where there is one) is printed immediately. Lines follow at most every 50 ms
/// on a terminal, and at each milestone elsewhere; finish prints the last one. A total of 0 means that it
/// will be known at the end. The destructor of an unfinished bar (during an exception) only ends the current
/// line.
class ProgressBar {
 public:
  ProgressBar(std::string_view title, std::int64_t total_steps, ProgressOutput output = standard_output());
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// True when an update with this number of steps done would print; check it before reading metrics from a
  /// device.
  bool due(std::int64_t step) const;

  /// Reports that `step` steps are done. Prints only when it is due.
  void update(std::int64_t step, std::span<const MetricValue> metrics);

  /// Shows a text where the line will be, until the next update; on a terminal only.
  void note(std::string_view text);

  /// Prints the last line, with all steps done and the elapsed time, and ends it.
  void finish(std::span<const MetricValue> metrics);

 private:
  ProgressMoment moment(std::int64_t step, std::span<const MetricValue> metrics) const;

  std::int64_t total_;
  std::int64_t steps_ = 0;  // done so far
  ProgressOutput output_;
  double start_;
  double last_shown_;
  std::int64_t last_milestone_ = 0;
  std::int64_t warm_step_ = 0;  // the first steps compile kernels: they are left out of the time per step
  double warm_time_;
  bool line_open_ = false;
};

}  // namespace hekla
