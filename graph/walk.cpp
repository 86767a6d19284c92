#include "graph/walk.h"

#include <unordered_set>

namespace hekla {

std::vector<Tensor> all_edges(const Tensor& x) {
  std::vector<Tensor> edges = x.node().inputs;
  if (const GradientRule* rule = x.node().rule.get()) {
    edges.insert(edges.end(), rule->inputs.begin(), rule->inputs.end());
    edges.insert(edges.end(), rule->outputs.begin(), rule->outputs.end());
  }
  return edges;
}

std::vector<Tensor> captured_by(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs) {
  std::unordered_set<const Node*> inside, known;
  for (const Tensor& input : inputs) {
    inside.insert(input.get());
    known.insert(input.get());
  }
  const auto edges = [&](const Tensor& x) {
    return known.contains(x.get()) ? std::vector<Tensor>() : all_edges(x);
  };
  std::vector<Tensor> captured;
  for (const Tensor& x : walk(outputs, edges)) {
    if (known.contains(x.get())) continue;
    const std::vector<Tensor> needs = all_edges(x);
    bool is_inside = false;
    for (const Tensor& need : needs) is_inside = is_inside || inside.contains(need.get());
    if (!is_inside) continue;
    inside.insert(x.get());
    for (const Tensor& need : needs) {
      const Kind kind = need.node().op->kind;
      if (inside.contains(need.get()) || kind == Kind::constant || kind == Kind::iota) continue;
      if (known.insert(need.get()).second) captured.push_back(need);
    }
  }
  for (const Tensor& output : outputs) {
    if (!inside.contains(output.get()) && known.insert(output.get()).second) captured.push_back(output);
  }
  return captured;
}

}  // namespace hekla
