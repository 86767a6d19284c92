// Positions: how many elements a kernel can index, and what that means for tensors and indices.
#pragma once

#include <cstdint>

#include "graph/index.h"
#include "graph/tensor.h"

namespace hekla::compiler {

/// Whether a node's elements fit in memory of at most `most_bytes`, and are few enough for kernels to index.
bool can_be_stored(const Node& node, std::int64_t most_bytes);

/// Throws `[compile] ...` where a kernel would count more than most_positions elements of `node`, which
/// `does` says, e.g. "would be stored".
void check_count(std::int64_t count, const Node& node, const char* does);

/// Throws `[compile] ...` where a kernel cannot compute `index`, an element position in `node`, in 32 bits up
/// to `highest`.
void check_index(const Index& index, const Node& node, std::int64_t highest = most_positions);

}  // namespace hekla::compiler
