// Batches picked on the device: the whole data set is uploaded once, as bytes, and every compiled step finds
// its own examples, so that many steps run without the host.
#pragma once

#include <cstdint>
#include <span>

#include "graph/evaluator.h"
#include "graph/tensor.h"
#include "train/fashion_mnist.h"

namespace hekla::data {

struct Batch {
  Tensor images;   ///< f32 [size, height * width], from 0 to 1
  Tensor labels;   ///< u8 [size]
  Update advance;  ///< to be among the updates of the step, which thereby moves on by `size` examples
};

class Batches {
 public:
  /// At the start, the examples are in the order of `data`.
  explicit Batches(const LabeledImages& data);

  std::int64_t count() const { return labels_.count(); }
  std::int64_t features() const { return images_.size(1); }

  /// The next `size` examples as an expression: which ones is decided when it runs. Batches of several sizes
  /// may take turns. Past the last example, that one is repeated.
  Batch next(std::int64_t size) const;

  /// Starts again at the first example of `order`, which names each of them once.
  void restart(std::span<const std::int32_t> order);
  /// Starts again in the same order.
  void restart();

 private:
  Tensor images_;    // u8 [count, height * width]
  Tensor labels_;    // u8 [count]
  Tensor order_;     // i32 [count]
  Tensor position_;  // i32: examples used so far
};

}  // namespace hekla::data
