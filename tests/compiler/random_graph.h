// Random graphs: expressions over all kinds of operations, to see whether a compiled graph means what it
// says.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/run/evaluator.h"

namespace hekla::testing {

struct RandomGraph {
  std::vector<Tensor> outputs;
  std::vector<Update> updates;
};

/// The graph of `seed`: the same expression and the same data every time, freshly built. Values stay within a
/// small multiple of 1, so that absolute differences mean something.
RandomGraph random_graph(std::uint32_t seed, int operations);

}  // namespace hekla::testing
