// Collecting a computation, and rebuilding graphs.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "graph/compiler/graph.h"
#include "graph/error.h"
#include "graph/loop.h"
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

namespace {

// The element of the present iteration: integers are depth, count, and whether the loop is reversed.
const Op element_op{.name = "element", .kind = Kind::view, .arity = 1, .view = [](const Node& node) -> View {
                      const std::vector<std::int64_t>& about = node.attributes.integers;
                      View view{.index = axes_of(node.shape)};
                      view.index.insert(view.index.begin(),
                                        iteration_index(static_cast<int>(about[0]), about[1], about[2] != 0));
                      return view;
                    }};

Tensor numbered_leaf(const Op& op, const Shape& shape, const Node& like, std::size_t number) {
  Tensor leaf = make_leaf(op, shape, like.dtype, nullptr, like.label);
  leaf.pointer()->attributes.integers = {static_cast<std::int64_t>(number)};
  return leaf;
}

// A kernel knows the iterations of so many loops around it.
constexpr int deepest_loop = 4;

// Copies loops into graphs of the compiler's own. Results of one loop share its copy.
class LoopCopies {
 public:
  std::shared_ptr<const Loop> of(const std::shared_ptr<const Loop>& loop, int depth) {
    if (depth == deepest_loop)
      throw Error(
          fmt::format("[compile] loops are nested more than {} deep; unroll the inner one.", deepest_loop));
    const auto [known, is_new] = copies_.try_emplace({loop.get(), depth});
    if (is_new) known->second = copy(*loop, depth);
    return known->second;
  }

 private:
  std::shared_ptr<const Loop> copy(const Loop& loop, int depth) {
    auto result = std::make_shared<Loop>();
    result->count = loop.count;
    result->reversed = loop.reversed;
    result->depth = depth;
    std::unordered_map<const Node*, Tensor> copies;
    std::size_t leaves = 0;
    for (const Tensor& state : loop.states) {
      result->states.push_back(numbered_leaf(variable_op, state.shape(), state.node(), leaves++));
      copies.emplace(state.get(), result->states.back());
    }
    for (const Tensor& element : loop.elements) {
      Shape stacked{loop.count};
      for (const std::int64_t size : element.shape()) stacked.push_back(size);
      result->elements.push_back(numbered_leaf(data_op, stacked, element.node(), leaves++));
      Tensor view = make_leaf(element_op, element.shape(), element.dtype(), nullptr);
      view.pointer()->inputs = {result->elements.back()};
      view.pointer()->attributes.integers = {depth, loop.count, loop.reversed};
      copies.emplace(element.get(), view);
    }
    for (const Tensor& constant : loop.constants) {
      result->constants.push_back(numbered_leaf(data_op, constant.shape(), constant.node(), leaves++));
      copies.emplace(constant.get(), result->constants.back());
    }
    const auto is_leaf = [&](const Node& node) { return copies.contains(&node); };
    visit_in_order(loop.results, is_leaf, [&](const Tensor& tensor, bool leaf) {
      if (leaf) return;
      std::vector<Tensor> inputs;
      for (const Tensor& input : tensor.node().inputs) inputs.push_back(copies.at(input.get()));
      Tensor node = with_inputs(tensor.node(), std::move(inputs));
      if (node.node().loop) node.pointer()->loop = of(node.node().loop, depth + 1);
      copies.emplace(tensor.get(), node);
    });
    for (const Tensor& each : loop.results) result->results.push_back(copies.at(each.get()));
    return result;
  }

  std::map<std::pair<const Loop*, int>, std::shared_ptr<const Loop>> copies_;
};

}  // namespace

Index iteration_index(int depth, std::int64_t count, bool reversed) {
  const Index iteration = Index::iteration(depth, count);
  return reversed ? Index(count - 1) - iteration : iteration;
}

bool is_element(const Node& node) { return node.op == &element_op; }

Graph body_of(const Loop& loop, const std::vector<bool>& wanted) {
  Graph graph;
  for (const std::vector<Tensor>* leaves : {&loop.states, &loop.elements, &loop.constants})
    graph.leaves.insert(graph.leaves.end(), leaves->begin(), leaves->end());
  for (std::size_t i = 0; i < loop.results.size(); ++i) {
    if (!wanted[i]) continue;
    if (loop.is_state(i)) {
      graph.assignments.push_back({loop.states[i], loop.results[i]});
    } else {
      graph.outputs.push_back(loop.results[i]);
    }
  }
  graph.is_body = true;
  return graph;
}

Graph collect(const Computation& computation) { return collect(computation, capture(computation)); }

Graph collect(const Computation& computation, const Capture& captured) {
  Graph graph;
  std::unordered_map<const Node*, Tensor> copies;
  for (const Node* leaf : captured.leaves) {
    const Tensor copy = numbered_leaf(leaf->op->kind == Kind::variable ? variable_op : data_op, leaf->shape,
                                      *leaf, graph.leaves.size());
    graph.leaves.push_back(copy);
    copies.emplace(leaf, copy);
  }
  LoopCopies loops;
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
    Tensor copy = with_inputs(*node, std::move(inputs));
    if (node->loop) copy.pointer()->loop = loops.of(node->loop, 0);
    copies.emplace(node, std::move(copy));
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
  result.is_body = graph.is_body;
  for (const Tensor& output : graph.outputs) result.outputs.push_back(now(output));
  for (const Graph::Assignment& assignment : graph.assignments) {
    result.assignments.push_back({assignment.variable, now(assignment.value)});
  }
  return result;
}

}  // namespace hekla::compiler
