// Feed: the batches of a data set whose tensors lie on the device. Every compiled step finds its own
// examples, so that many steps run without the host.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/run/evaluator.h"
#include "ops/random.h"
#include "train/data/dataset.h"

namespace hekla {

/// Batches of a data set, found on the device.
class Feed {
 public:
  /// Throws hekla::Error for a data set that a generator makes.
  explicit Feed(const Dataset& dataset);

  std::int64_t count() const { return order_.count(); }

  /// The next `size` examples as an expression: which ones is decided when it runs. Batches of several sizes
  /// may take turns. Past the last example, that one is repeated. Inputs are not mapped yet.
  Batch next(std::int64_t size) const;
  /// To be among the updates of the step, which thereby moves on by `size` examples.
  Update advance(std::int64_t size) const;

  /// Updates that start anew, in the order of the data set, or in one that the key decides.
  std::vector<Update> restart(const std::optional<RandomKey>& shuffle) const;

 private:
  Dataset dataset_;
  Tensor positions_;  // i32 [count]: which examples of the tensors are meant
  Tensor order_;      // i32 [count]: the same in the order of this pass
  Tensor used_;       // i32: examples used so far
};

}  // namespace hekla
