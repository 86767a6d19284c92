// RunningMetrics: the accumulators of a loss and of metrics over many steps, kept on the device. The host
// reads a few numbers when it shows them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "graph/run/evaluator.h"
#include "graph/run/program.h"
#include "train/metrics/logs.h"
#include "train/metrics/metric.h"

namespace hekla {

/// The accumulators of a loss and of metrics.
class RunningMetrics {
 public:
  /// Updates by which a step adds `count` samples with this mean loss (an empty tensor: none).
  std::vector<Update> add_loss(const Tensor& loss, std::int64_t count);
  /// Updates by which a step adds a batch to a metric, shown as `name`.
  std::vector<Update> add(const std::string& name, const Metric& metric, const Tensor& targets,
                          const Tensor& predictions, const Tensor& sample_weight);

  /// Updates that reset all sums.
  std::vector<Update> reset() const;
  /// The results so far, in alphabetical order.
  Logs read();

 private:
  struct Entry {
    std::string name;
    std::vector<Tensor> sums;
    Tensor result;
  };
  /// Updates of the sums of that name, which are made at the first call.
  std::vector<Update> add_up(const std::string& name, const std::vector<Tensor>& measured,
                             const Metric::Result& result);

  std::vector<Entry> entries_;
  std::unique_ptr<Program> program_;  // reads all results
};

}  // namespace hekla
