// Pairs: a graph beside the same graph for another batch size, from which follows what depends on the batch.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "graph/tensor.h"

namespace hekla::onnx {

/// A size: a number, or that number times the size of the batch.
struct Size {
  std::int64_t number;
  bool of_batch = false;
};

class Pairs {
 public:
  /// Of a graph whose sizes are all fixed.
  Pairs() = default;
  /// The same function's outputs for two batch sizes. Throws hekla::Error where the two graphs differ in more than sizes.
  Pairs(const std::vector<Tensor>& outputs, std::int64_t batch, const std::vector<Tensor>& others,
        std::int64_t other_batch);

  /// The same with the inputs, which the outputs need not depend on.
  Pairs with(const std::vector<Tensor>& inputs, const std::vector<Tensor>& others) const;

  /// The sizes of x's axes. Throws hekla::Error where one depends on the batch in another way than as a multiple of it.
  std::vector<Size> sizes(const Tensor& x) const;
  bool depends_on_batch(const Tensor& x) const;
  /// The integers that the node holds. Throws hekla::Error where they depend on the batch.
  const std::vector<std::int64_t>& fixed_integers(const Tensor& x) const;
  /// `count` of them, from number `first` on.
  std::vector<std::int64_t> fixed_integers(const Tensor& x, std::size_t first, std::size_t count) const;
  /// The same of the number.
  double fixed_number(const Tensor& x) const;
  /// The node for the other batch size; x itself where sizes are fixed.
  const Tensor& other(const Tensor& x) const;

  bool is_fixed() const { return batch_ == 0; }

 private:
  std::int64_t batch_ = 0, other_batch_ = 0;
  std::unordered_map<const Node*, Tensor> others_;
};

}  // namespace hekla::onnx
