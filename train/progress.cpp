// See progress.h. Layout, units and number formats follow keras/src/utils/progbar.py.
#include "train/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "train/terminal.h"
#include "train/text_width.h"

namespace hekla {

namespace {

constexpr int bar_cells = 20;
constexpr int shortest_bar = 5;
constexpr double refresh_seconds = 0.05;

std::string repeat(std::string_view cell, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += cell;
  return text;
}

std::string format_bar(const ProgressMoment& moment, int cells, bool color) {
  const double share =
      moment.total > 0 ? static_cast<double>(moment.step) / static_cast<double>(moment.total) : 0.0;
  const int done = std::clamp(static_cast<int>(share * cells), 0, cells);
  // The two parts differ in shape too, for terminals and eyes without colours.
  const std::string full = repeat("━", done);
  const std::string rest = repeat("─", cells - done);
  return color ? "\x1b[32m" + full + "\x1b[0m\x1b[2m" + rest + "\x1b[0m" : full + rest;
}

std::string format_count(const ProgressMoment& moment) {
  if (moment.total == 0) return fmt::format("{}/Unknown", moment.step);
  const std::string total = fmt::format("{}", moment.total);
  return fmt::format("{:>{}}/{}", moment.step, total.size(), total);
}

double remaining(const ProgressMoment& moment) {
  return moment.per_step * static_cast<double>(moment.total - moment.step);
}

}  // namespace

std::string format_metric(double value) {
  return std::abs(value) > 1e-3 ? fmt::format("{:.4f}", value) : fmt::format("{:.4e}", value);
}

std::string format_duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::max(seconds, 0.0));
  if (whole > 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole % 3600 / 60, whole % 60);
  if (whole > 60) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}s", whole);
}

std::string format_step_time(double seconds) {
  if (seconds >= 1 || seconds <= 0) return fmt::format("{:.0f}s/step", std::max(seconds, 0.0));
  // Chosen after rounding, so that 999.7 µs reads 1ms and not 1000µs.
  if (seconds >= 0.9995e-3) return fmt::format("{:.0f}ms/step", seconds * 1e3);
  return fmt::format("{:.0f}µs/step", seconds * 1e6);
}

std::string format_live_line(const ProgressMoment& moment, int width, bool color) {
  const std::string head = format_count(moment);
  // No estimate before the first step: Keras, too, shows the time so far.
  const bool estimate = moment.total > 0 && !moment.finished() && moment.per_step > 0;
  std::string tail = fmt::format(" {}", format_duration(estimate ? remaining(moment) : moment.elapsed));
  if (moment.per_step > 0) tail += fmt::format(" {}", format_step_time(moment.per_step));

  std::vector<std::string> metrics;
  int metric_columns = 0;
  for (const auto& metric : moment.metrics) {
    metrics.push_back(fmt::format(" - {}: {}", metric.name, format_metric(metric.value)));
    metric_columns += text_width(metrics.back());
  }

  const int fixed = text_width(head) + text_width(tail);
  const int cells = std::min(bar_cells, width - fixed - metric_columns - 1);
  const bool with_bar = cells >= shortest_bar;
  int left = width - fixed - (with_bar ? cells + 1 : 0);
  for (const auto& text : metrics) {
    if (text_width(text) > left) break;
    left -= text_width(text);
    tail += text;
  }
  const std::string line = head + tail;
  if (!with_bar) return line.substr(0, fitting_bytes(line, width));
  return head + " " + format_bar(moment, cells, color) + tail;
}

std::string format_plain_line(const ProgressMoment& moment) {
  std::string line = format_count(moment) + " - " + format_duration(moment.elapsed);
  if (moment.per_step > 0) line += " - " + format_step_time(moment.per_step);
  for (const auto& metric : moment.metrics)
    line += fmt::format(" - {}: {}", metric.name, format_metric(metric.value));
  return line;
}

ProgressOutput standard_output() {
  const bool terminal = stdout_is_terminal();
  const char* no_color = std::getenv("NO_COLOR");
  return {
      .terminal = terminal,
      .color = terminal && (no_color == nullptr || *no_color == '\0'),
      .width = stdout_width,
      .print =
          [](std::string_view text) {
            std::fwrite(text.data(), 1, text.size(), stdout);
            std::fflush(stdout);
          },
      .seconds =
          [] {
            return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
          }};
}

ProgressBar::ProgressBar(std::string_view title, std::int64_t total_steps, ProgressOutput output)
    : total_(total_steps),
      output_(std::move(output)),
      start_(output_.seconds()),
      last_shown_(start_),
      warm_time_(start_) {
  if (!title.empty()) output_.print(fmt::format("{}\n", title));
}

ProgressBar::~ProgressBar() {
  if (line_open_) output_.print("\n");
}

bool ProgressBar::due(std::int64_t step) const {
  if (total_ > 0 && step >= total_) return false;  // printed by finish
  if (!output_.terminal) return total_ > 0 && step * output_.milestones / total_ > last_milestone_;
  return !line_open_ || output_.seconds() - last_shown_ >= refresh_seconds;
}

void ProgressBar::update(std::int64_t step, std::span<const MetricValue> metrics) {
  const bool show = due(step);
  steps_ = step;
  if (warm_step_ == 0 && step > 0) {
    warm_step_ = step;
    warm_time_ = output_.seconds();
  }
  if (!show) return;
  if (output_.terminal) {
    // One column is left free: with the cursor past the last one, terminals erase the last character.
    output_.print(fmt::format("\r{}\x1b[K",
                              format_live_line(moment(step, metrics), output_.width() - 1, output_.color)));
    line_open_ = true;
    last_shown_ = output_.seconds();
  } else {
    output_.print(format_plain_line(moment(step, metrics)) + "\n");
    last_milestone_ = step * output_.milestones / total_;
  }
}

void ProgressBar::note(std::string_view text) {
  if (!output_.terminal) return;
  output_.print(fmt::format("\r{}\x1b[K", text.substr(0, fitting_bytes(text, output_.width() - 1))));
  line_open_ = true;
}

void ProgressBar::finish(std::span<const MetricValue> metrics) {
  if (total_ == 0) total_ = steps_;
  const auto last = moment(total_, metrics);
  if (output_.terminal)
    output_.print(fmt::format("\r{}\x1b[K\n", format_live_line(last, output_.width() - 1, output_.color)));
  else
    output_.print(format_plain_line(last) + "\n");
  line_open_ = false;
}

ProgressMoment ProgressBar::moment(std::int64_t step, std::span<const MetricValue> metrics) const {
  const double now = output_.seconds();
  double per_step = 0;
  if (step > warm_step_)
    per_step = (now - warm_time_) / static_cast<double>(step - warm_step_);
  else if (step > 0)
    per_step = (now - start_) / static_cast<double>(step);
  return {.step = step, .total = total_, .elapsed = now - start_, .per_step = per_step, .metrics = metrics};
}

}  // namespace hekla
