// Walking a graph along edges of any kind.
#pragma once

#include <utility>
#include <vector>

#include "graph/node_map.h"
#include "graph/tensor.h"

namespace hekla {

/// Everything that x refers to, for its value or for its gradient.
std::vector<Tensor> all_edges(const Tensor& x);

/// Tensors reachable from `roots` along `edges`, each once, in topological order: a tensor comes after those
/// it leads to. `edges` is a function from a tensor to a range of tensors. Iterative, so depth is no limit.
template <class Edges>
std::vector<Tensor> walk(std::span<const Tensor> roots, const Edges& edges) {
  struct Visit {
    Tensor tensor;
    decltype(edges(tensor)) targets;
    std::size_t next = 0;
  };
  std::vector<Tensor> order;
  NodeSet seen;
  SpareVector<Visit> stack;
  const auto enter = [&](const Tensor& tensor) {
    if (tensor.defined() && seen.add(tensor.get())) stack.push_back({tensor, edges(tensor)});
  };
  for (const Tensor& root : roots) {
    enter(root);
    while (!stack.empty()) {
      Visit& visit = stack.back();
      if (visit.next == visit.targets.size()) {
        order.push_back(std::move(visit.tensor));
        stack.pop_back();
        continue;
      }
      const Tensor target = visit.targets[visit.next++];
      enter(target);
    }
  }
  return order;
}

/// The tensors that a function captures, given its outputs for these inputs: what the nodes that depend on the inputs,
/// and the outputs, use besides the inputs and constants.
std::vector<Tensor> captured_by(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs);

}  // namespace hekla
