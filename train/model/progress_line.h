// ProgressLine: a ProgressBar in the form that `verbose` chooses.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "graph/run/compile_notice.h"
#include "train/metrics/logs.h"
#include "train/progress.h"

namespace hekla {

/// The progress of an epoch or of an evaluation.
class ProgressLine {
 public:
  /// verbose 0: silent, 1: a bar, 2: one line at the end. Throws hekla::Error for another number.
  ProgressLine(std::string_view title, std::optional<std::int64_t> steps, int verbose);

  /// Calls `read` only when the metrics will be shown.
  void update(std::int64_t step, const std::function<Logs()>& read);
  void finish(const Logs& logs);

 private:
  std::optional<ProgressBar> bar_;
  std::optional<CompileNotice> notice_;
};

}  // namespace hekla
