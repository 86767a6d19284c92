// Loop: a graph that is computed again and again, each time from the state that the time before left.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// The body of a loop and how often it runs. The body is a graph over three kinds of leaves, which a node of
/// the loop has as inputs in this order:
///   states     the input is the state before the first iteration
///   elements   the input has one more axis in front; iteration t sees its element t (the last ones first where
///              the loop is reversed)
///   constants  the input is the same in every iteration
struct Loop {
  std::int64_t count = 0;  // iterations
  bool reversed = false;
  std::vector<Tensor> states = {}, elements = {}, constants = {};
  /// The new states, and then the results that are stacked: iteration t gives element t.
  std::vector<Tensor> results = {};
  int depth = 0;                                // loops around this one; set by the compiler
  mutable std::vector<std::uint64_t> key = {};  // of the body's structure; filled in on first use

  bool is_state(std::size_t result) const { return result < states.size(); }
};

/// Result `number` of a loop: a state after the last iteration, or what is stacked along a new axis in front.
/// Nodes that share a Loop and its inputs are results of one loop.
Tensor loop_result(std::shared_ptr<const Loop> loop, std::vector<Tensor> inputs, std::size_t number);

/// Which result of its loop a node is.
std::size_t result_number(const Node& loop_node);

}  // namespace hekla
