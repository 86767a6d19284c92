// Random graphs: expressions over all kinds of operations, for differential tests of the compiler.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/run/evaluator.h"

namespace hekla::testing {

struct RandomGraph {
  std::vector<Tensor> outputs;
  std::vector<Update> updates;
};

/// The graph of `seed`: always the same expression and the same data, built anew. Values stay within a small
/// multiple of 1, so that absolute differences are meaningful.
RandomGraph random_graph(std::uint32_t seed, int operations);

}  // namespace hekla::testing
