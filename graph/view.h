// View: where each element of a view comes from.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/index.h"

namespace hekla {

struct Node;

/// One Index per axis of the input, over axes 0..rank-1 of the output. Where a bound does not hold (the
/// border that a pad adds) the element is `fill`; the indices are meaningful only where all bounds hold.
struct View {
  struct Bound {
    Index value;
    std::int64_t low;  // holds where low <= value < high, and value is a multiple of `step`
    std::int64_t high;
    std::int64_t step = 1;
  };
  std::vector<Index> index;
  std::vector<Bound> bounds = {};
  double fill = 0;
};

/// True when the view only renames positions: element k of the output, in row-major order, is element k of
/// the input.
bool keeps_order(const Node& view);

}  // namespace hekla
