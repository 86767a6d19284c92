// Tester: a model's loss and metrics over a data set, again and again: it compiles its step once.
#pragma once

#include <cstdint>
#include <optional>

#include "train/data/pass.h"
#include "train/metrics/running.h"
#include "train/model/model.h"

namespace hekla {

/// A loss and metrics over one data set.
class Tester {
 public:
  /// The state must outlive this. Throws hekla::Error where labels do not fit the model.
  Tester(Model::State& state, const Dataset& data, Pass::Options options);
  Tester(const Tester&) = delete;
  Tester& operator=(const Tester&) = delete;

  const Pass& pass() const { return pass_; }
  /// All of the data, with the weights of this moment.
  Logs run(const Pass::Report& report = nullptr);
  /// What was measured so far in this run.
  Logs read() { return metrics_.read(); }

 private:
  RunningMetrics metrics_;
  Pass pass_;
};

}  // namespace hekla
