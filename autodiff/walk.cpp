// Walks.
#include "autodiff/walk.h"

#include <unordered_set>

#include "ops/elementwise.h"
#include "ops/identity.h"

namespace hekla {

std::vector<Tensor> walk(std::span<const Tensor> roots, const Edges& edges) {
  struct Visit {
    Tensor tensor;
    std::vector<Tensor> targets;
    std::size_t next = 0;
  };
  std::vector<Tensor> order;
  std::unordered_set<const Node*> seen;
  std::vector<Visit> stack;
  const auto enter = [&](const Tensor& tensor) {
    if (tensor.defined() && seen.insert(tensor.get()).second) stack.push_back({tensor, edges(tensor)});
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

std::vector<Tensor> gradient_edges(const Tensor& x) {
  const Node& node = x.node();
  if (node.rule) return node.rule->inputs;
  if (node.op == &stop_gradient_op) return {};
  if (node.op == &tie_in_op) return {node.inputs[0]};
  return node.inputs;
}

std::vector<Tensor> all_edges(const Tensor& x) {
  std::vector<Tensor> edges = x.node().inputs;
  if (const GradientRule* rule = x.node().rule.get()) {
    edges.insert(edges.end(), rule->inputs.begin(), rule->inputs.end());
    edges.insert(edges.end(), rule->outputs.begin(), rule->outputs.end());
  }
  return edges;
}

}  // namespace hekla
