// Collecting a computation, and rebuilding graphs.
#include <algorithm>
#include <unordered_map>

#include "graph/compiler/graph.h"
#include "graph/visit.h"

namespace hekla::compiler {

std::vector<Tensor> Graph::roots() const {
  std::vector<Tensor> roots = outputs;
  for (const Assignment& assignment : assignments) {
    roots.push_back(assignment.variable);
    roots.push_back(assignment.value);
  }
  return roots;
}

std::vector<const Node*> Graph::order() const { return topological_order(roots()); }

int leaf_number(const Node& leaf) { return static_cast<int>(leaf.attributes.integers[0]); }

const Op number_op{.name = "constant", .kind = Kind::constant};

Tensor number_node(int which, const PlanNumber& number, const Shape& shape) {
  Tensor node = make_leaf(number_op, shape, number.dtype, nullptr);
  node.pointer()->attributes = {.integers = {which}, .number = number.value};
  return node;
}

int number_of(const Node& constant) {
  return constant.op == &number_op ? static_cast<int>(constant.attributes.integers[0]) : -1;
}

Graph collect(const Computation& computation) { return collect(computation, capture(computation)); }

Graph collect(const Computation& computation, const Capture& captured) {
  Graph graph;
  std::unordered_map<const Node*, Tensor> copies;
  for (const Node* leaf : captured.leaves) {
    const Tensor copy = make_leaf(leaf->op->kind == Kind::variable ? variable_op : data_op, leaf->shape,
                                  leaf->dtype, nullptr, leaf->label);
    copy.pointer()->attributes.integers = {static_cast<std::int64_t>(graph.leaves.size())};
    graph.leaves.push_back(copy);
    copies.emplace(leaf, copy);
  }
  const Capture::Numbers numbers = captured.numbers();
  for (const Node* constant : numbers.distinct)
    graph.numbers.push_back({.dtype = constant->dtype, .value = constant->attributes.number});
  std::size_t uses = 0;
  for (const Node* node : captured.computed) {
    const bool is_number = uses < captured.number_uses.size() && captured.number_uses[uses].constant == node;
    if (is_number) {
      const int which = numbers.of_use[uses++];
      copies.emplace(node, number_node(which, graph.numbers[static_cast<std::size_t>(which)], node->shape));
      continue;
    }
    std::vector<Tensor> inputs;
    for (const Tensor& input : node->inputs) inputs.push_back(copies.at(input.get()));
    copies.emplace(node, with_inputs(*node, std::move(inputs)));
  }
  for (const Tensor& output : computation.outputs) graph.outputs.push_back(copies.at(output.get()));
  for (const Update& update : computation.updates) {
    graph.assignments.push_back({copies.at(update.variable.get()), copies.at(update.value.get())});
  }
  return graph;
}

Graph rebuild(const Graph& graph, const std::function<Tensor(const Tensor& node)>& rewrite) {
  std::unordered_map<const Node*, Tensor> replaced;
  const auto now = [&](const Tensor& tensor) {
    const auto found = replaced.find(tensor.get());
    return found != replaced.end() ? found->second : tensor;
  };
  for (const Tensor& tensor : tensors_in_order(graph.roots())) {
    const std::vector<Tensor>& inputs = tensor.node().inputs;
    if (is_storage(tensor.node().op->kind)) continue;
    const bool moved = std::any_of(inputs.begin(), inputs.end(),
                                   [&](const Tensor& input) { return replaced.contains(input.get()); });
    Tensor result = tensor;
    if (moved) {
      std::vector<Tensor> inputs_now;
      for (const Tensor& input : inputs) inputs_now.push_back(now(input));
      result = with_inputs(tensor.node(), std::move(inputs_now));
    }
    if (Tensor rewritten = rewrite(result); rewritten.defined()) result = std::move(rewritten);
    if (result.get() != tensor.get()) replaced.emplace(tensor.get(), std::move(result));
  }
  Graph result;
  result.leaves = graph.leaves;
  result.numbers = graph.numbers;
  for (const Tensor& output : graph.outputs) result.outputs.push_back(now(output));
  for (const Graph::Assignment& assignment : graph.assignments) {
    result.assignments.push_back({assignment.variable, now(assignment.value)});
  }
  return result;
}

}  // namespace hekla::compiler
