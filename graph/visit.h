// Visiting the nodes of a graph in topological order.
#pragma once

#include <cstddef>
#include <span>

#include "graph/node_map.h"
#include "graph/spare_memory.h"
#include "graph/tensor.h"

namespace hekla {

/// Calls `visit` with a handle of each node that the roots need, inputs before the nodes that use them;
/// iterative, each node once. Where `ends_at(node)` is true the walk does not continue to its inputs; `visit`
/// gets that flag as its second argument.
template <class EndsAt, class F>
void visit_in_order(std::span<const Tensor> roots, const EndsAt& ends_at, const F& visit) {
  NodeSet seen;
  struct Visit {
    const Tensor* tensor;
    std::size_t next_input;
  };
  SpareVector<Visit> stack;
  for (const Tensor& root : roots) {
    if (!root.defined() || !seen.add(root.get())) continue;
    stack.push_back({&root, 0});
    while (!stack.empty()) {
      Visit& top = stack.back();
      const Node& node = top.tensor->node();
      const bool end = top.next_input == 0 && ends_at(node);
      if (end || top.next_input == node.inputs.size()) {
        visit(*top.tensor, end);
        stack.pop_back();
        continue;
      }
      const Tensor& input = node.inputs[top.next_input++];
      if (seen.add(input.get())) stack.push_back({&input, 0});
    }
  }
}

}  // namespace hekla
