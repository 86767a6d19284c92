// Feed: the batches of a data set whose tensors are resident on the device. Each compiled step gathers its
// own examples, so that many steps run without the host.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/run/evaluator.h"
#include "ops/random.h"
#include "train/data/dataset.h"

namespace hekla {

/// Batches of a data set, gathered on the device.
class Feed {
 public:
  /// Throws hekla::Error for a data set that a generator makes.
  explicit Feed(const Dataset& dataset);

  std::int64_t count() const { return order_.count(); }

  /// The next `size` examples as an expression; which ones is decided when it runs. Batches of several sizes
  /// may alternate. Beyond the last example, the last one is repeated. Inputs are not mapped yet.
  Batch next(std::int64_t size) const;
  /// An update that advances by `size` examples; it belongs to the updates of the step.
  Update advance(std::int64_t size) const;

  /// Updates that restart the pass, in the order of the data set or in one determined by the key.
  std::vector<Update> restart(const std::optional<RandomKey>& shuffle) const;

 private:
  Dataset dataset_;
  Tensor positions_;  // i32 [count]: positions of the examples in the tensors
  Tensor order_;      // i32 [count]: the same in the order of this pass
  Tensor used_;       // i32: examples used so far
};

}  // namespace hekla
