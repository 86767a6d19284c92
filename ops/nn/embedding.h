// Embeddings.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// The rows of `table` (f32 [words, features]) that `indices` (integers [..]) name: f32 [.., features]. An
/// index outside the table is taken as the nearest one inside. The gradient of the table adds up in a fixed
/// order. Throws hekla::Error when the table has another rank or dtype or the indices are no integers.
/// (keras.layers.Embedding.)
Tensor embedding(const Tensor& indices, const Tensor& table);

}  // namespace hekla
