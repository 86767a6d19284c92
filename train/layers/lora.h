// Low-rank adaptation: training two thin matrices beside each weight in place of the weight.
#pragma once

#include <cstdint>
#include <optional>

#include "graph/tensor.h"
#include "train/layers/initializer.h"

namespace hekla {

/// How adapters are made; Keras's defaults but for the rank, which has none there.
struct LoraOptions {
  std::int64_t rank = 8;                     ///< columns of A and rows of B
  std::optional<double> alpha = {};          ///< the product A B counts alpha / rank times; by default once
  Initializer a_initializer = "he_uniform";  ///< B starts as zeros, so that nothing changes at first
};

/// The adapter of a weight.
struct LoraAdapter {
  Tensor weight;  ///< [.., n]
  Tensor a;       ///< [.., rank]
  Tensor b;       ///< [rank, n]
  double scale;   ///< alpha / rank

  /// What the layer computes with: weight + scale a b.
  Tensor adapted() const;
};

}  // namespace hekla
