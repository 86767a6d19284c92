// Loss and accuracy over many steps, summed up on the device: the host reads two numbers when it wants to
// show them.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/evaluator.h"
#include "graph/tensor.h"

namespace hekla {

struct Metrics {
  double loss = 0;      ///< mean over all examples
  double accuracy = 0;  ///< share of examples whose largest score is at their label
};

class RunningMetrics {
 public:
  RunningMetrics();

  /// The updates by which a step adds its batch: `loss` is the batch's mean, `labels` integers [n], `scores`
  /// [n, classes].
  std::vector<Update> add(const Tensor& loss, const Tensor& labels, const Tensor& scores) const;

  /// The means over the `examples` added since the last reset.
  Metrics read(std::int64_t examples) const;
  void reset();

 private:
  Tensor loss_sum_;  // f32
  Tensor correct_;   // i32: an f32 would stop counting at 2^24
};

}  // namespace hekla
