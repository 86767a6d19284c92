// Capture: one walk over a computation, which numbers what the cache key, the compiler's graph and a run agree
// on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "graph/computation.h"
#include "graph/spare_memory.h"
#include "graph/tensor.h"

namespace hekla::compiler {

/// A computation's structure in words: the key of a plan cache.
using StructureKey = SpareVector<std::uint64_t>;

struct Capture {
  /// A constant that may be data (numbers.h), and where the key has its value.
  struct NumberUse {
    const Node* constant;
    std::size_t place;
  };

  StructureKey key;                 ///< equal for computations that differ only in what their leaves hold
  std::vector<const Node*> leaves;  ///< as an Executable wants their storage
  SpareVector<const Node*> computed = {};  ///< all other nodes, inputs before the nodes that use them
  SpareVector<NumberUse> number_uses = {};

  /// The numbers of a computation, each once, in the order of their first use.
  struct Numbers {
    std::vector<const Node*> distinct;  ///< a constant of each
    std::vector<int> of_use;            ///< which number a use is
  };
  Numbers numbers() const;
};

/// Walks a computation down to its leaves: the nodes with storage, and those for which `is_held` is true.
Capture capture(const Computation& computation, bool (*is_held)(const Node&) = nullptr);

}  // namespace hekla::compiler
