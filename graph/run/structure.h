// Structure: what graphs must have in common to share one compiled form; its key is the cache key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "graph/computation.h"
#include "graph/spare_memory.h"
#include "graph/tensor.h"

namespace hekla {

/// See structure_of.
using StructureKey = SpareVector<std::uint64_t>;

/// Whether a node that holds a current value is a leaf, or is computed again.
enum class HeldValues { are_leaves, are_ignored };

/// The key of a computation's structure, equal for graphs that differ only in what their leaves hold, and the
/// leaves with storage in the order in which an Executable wants them.
struct Structure {
  StructureKey key;
  std::vector<const Node*> leaves;
  SpareVector<std::pair<std::size_t, DType>> numbers;  // where the key has constants that may be data
};
Structure structure_of(const Computation& computation, HeldValues held);

}  // namespace hekla
