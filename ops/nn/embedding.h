// Embeddings.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// The rows of `table` (f32 [words, features]) that `indices` (integers [..]) select: f32 [.., features]. An
/// index outside the table is clamped to the nearest valid one. The table's gradient is accumulated in a
/// fixed order. Throws hekla::Error when the table has another rank or dtype or the indices are not integers.
/// (keras.layers.Embedding.)
Tensor embedding(const Tensor& indices, const Tensor& table);

}  // namespace hekla
