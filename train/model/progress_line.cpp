// See progress_line.h.
#include "train/model/progress_line.h"

#include <fmt/format.h>

#include <vector>

#include "graph/error.h"

namespace hekla {

namespace {

std::vector<MetricValue> values_of(const Logs& logs) {
  std::vector<MetricValue> values;
  for (const auto& [name, value] : logs) values.push_back({name, value});
  return values;
}

}  // namespace

ProgressLine::ProgressLine(std::string_view title, std::optional<std::int64_t> steps, int verbose) {
  if (verbose < 0 || verbose > 2)
    throw Error(
        fmt::format("[verbose] {} is unknown; 0 is silent, 1 a bar, 2 a line for each epoch.", verbose));
  if (verbose == 0) return;
  ProgressOutput output = standard_output();
  if (verbose == 2) {
    output.terminal = false;
    output.milestones = 1;
  }
  bar_.emplace(title, steps.value_or(0), std::move(output));
  if (verbose != 1) return;
  notice_.emplace([this](std::size_t kernels) {
    // Fewer are compiled before anybody has read the text.
    constexpr std::size_t many = 10;
    if (kernels >= many) bar_->note(fmt::format("compiling {} kernels", kernels));
  });
}

void ProgressLine::update(std::int64_t step, const std::function<Logs()>& read) {
  if (!bar_) return;
  bar_->update(step, bar_->due(step) ? values_of(read()) : std::vector<MetricValue>());
}

void ProgressLine::finish(const Logs& logs) {
  if (bar_) bar_->finish(values_of(logs));
}

}  // namespace hekla
