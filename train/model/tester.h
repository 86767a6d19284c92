// Tester: evaluates a model's loss and metrics over a data set repeatedly; its step is compiled once.
#pragma once

#include <cstdint>
#include <optional>

#include "train/data/pass.h"
#include "train/metrics/running.h"
#include "train/model/model.h"

namespace hekla {

/// The loss and metrics over one data set.
class Tester {
 public:
  /// The state must outlive this. Throws hekla::Error where labels do not fit the model.
  Tester(Model::State& state, const Dataset& data, Pass::Options options);
  Tester(const Tester&) = delete;
  Tester& operator=(const Tester&) = delete;

  const Pass& pass() const { return pass_; }
  /// Evaluates all of the data with the current weights.
  Logs run(const Pass::Report& report = nullptr);
  /// The results so far in this run.
  Logs read() { return metrics_.read(); }

 private:
  RunningMetrics metrics_;
  Pass pass_;
};

}  // namespace hekla
