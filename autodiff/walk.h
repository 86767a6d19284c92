// Walking a graph along the paths of gradients, which differ from those of values where a node has its own
// rule or stops gradients.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "graph/node_map.h"
#include "graph/tensor.h"

namespace hekla {

/// The tensors that gradients flow to from x: the inputs of its rule, where it carries one, or else of its
/// operation; none for a stop_gradient. They live as long as x.
std::span<const Tensor> gradient_edges(const Tensor& x);

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

}  // namespace hekla
