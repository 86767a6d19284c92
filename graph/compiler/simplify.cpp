// Simplification: constant folding, identity elements, and cancelling views.
#include <algorithm>
#include <array>

#include "graph/compiler/graph.h"

namespace hekla::compiler {

namespace {

bool is_constant(const Tensor& tensor) { return tensor.node().op->kind == Kind::constant; }
// True only for constants that are structure: a number (see numbers.h) may have another value in the next
// run.
bool is_always(const Tensor& tensor, double number) {
  return is_constant(tensor) && number_of(tensor.node()) < 0 && constant_value(tensor.node()) == number;
}

Tensor fold(const Node& node, const std::vector<Tensor>& inputs, std::vector<PlanNumber>& numbers) {
  if (node.op->eval == nullptr || inputs.size() > 8 ||
      !std::all_of(inputs.begin(), inputs.end(), [](const Tensor& x) { return is_constant(x); })) {
    return {};
  }
  PlanNumber folded{.dtype = node.dtype, .value = 0, .op = node.op};
  std::array<double, 8> operands{};
  bool is_structure = true;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Node& input = inputs[i].node();
    // Operands are rounded to their dtype first: the remainder of 5.5 % 0.1 depends on what 0.1 is rounded
    // to.
    operands[i] = as_held(constant_value(input), input.dtype);
    folded.operands.push_back({number_of(input), operands[i]});
    if (folded.operands[i].number < 0) continue;
    is_structure = false;
    folded.is_data |= numbers[static_cast<std::size_t>(folded.operands[i].number)].is_data;
  }
  const double value = node.op->eval(std::span(operands.data(), inputs.size()), node.dtype);
  if (is_structure) return constant(value, node.shape, node.dtype);
  folded.value = convert(value, node.dtype);
  numbers.push_back(std::move(folded));
  return number_node(static_cast<int>(numbers.size()) - 1, numbers.back(), node.shape);
}

// Folds a reduction over equal numbers. Returns an empty tensor where the dtype does not hold the result, or
// may not hold it for another value of the number.
Tensor fold_equal(const Node& node, const Tensor& x, std::vector<PlanNumber>& numbers) {
  if (!is_constant(x) || node.shape.count() == 0 || x.count() == 0) return {};
  const int number = number_of(x.node());
  const std::int64_t times = x.count() / node.shape.count();
  const double operand = as_held(constant_value(x.node()), x.dtype());
  const double value = folded_with_itself(*node.op, node.dtype, operand, times);
  if (!is_float(node.dtype) && (number >= 0 || convert(value, node.dtype) != value)) return {};
  if (number < 0) return constant(value, node.shape, node.dtype);
  numbers.push_back({.dtype = node.dtype,
                     .value = convert(value, node.dtype),
                     .op = node.op,
                     .operands = {{number, operand}},
                     .folds = times,
                     .is_data = numbers[static_cast<std::size_t>(number)].is_data});
  return number_node(static_cast<int>(numbers.size()) - 1, numbers.back(), node.shape);
}

Tensor drop_neutral(const Node& node, const std::vector<Tensor>& inputs) {
  if (inputs.size() == 1 && node.op->passes_operand_on) return inputs[0];
  if (inputs.size() != 2 || !node.op->identity || inputs[0].dtype() != node.dtype) return {};
  if (is_always(inputs[1], *node.op->identity)) return inputs[0];
  if (node.op->commutative && is_always(inputs[0], *node.op->identity)) return inputs[1];
  return {};
}

bool waits(const std::vector<Tensor>& inputs) {
  return std::any_of(inputs.begin() + 1, inputs.end(), [](const Tensor& x) { return !is_constant(x); });
}

Tensor cancel_views(const Node& node, const std::vector<Tensor>& inputs) {
  const Node& inner = inputs[0].node();
  if (inner.op->kind == Kind::constant) {
    const View view = node.op->view(node);
    if (!view.bounds.empty() && !is_always(inputs[0], view.fill)) return {};
    Tensor moved = make_leaf(*inner.op, node.shape, node.dtype, nullptr);
    moved.pointer()->attributes = inner.attributes;
    return moved;
  }
  if (waits(inputs)) return {};
  const View outer_view = node.op->view(node);
  if (inner.shape == node.shape && outer_view.bounds.empty() && outer_view.index == axes_of(node.shape)) {
    return inputs[0];
  }
  if (inner.op->kind != Kind::view || !(inner.inputs[0].shape() == node.shape) || waits(inner.inputs))
    return {};
  const View inner_view = inner.op->view(inner);
  if (!outer_view.bounds.empty() || !inner_view.bounds.empty()) return {};
  const std::vector<Index> straight = axes_of(node.shape);
  for (std::size_t axis = 0; axis < straight.size(); ++axis) {
    const Index composed = substitute(inner_view.index[axis], [&](const Index::Atom& leaf) {
      return outer_view.index[static_cast<std::size_t>(leaf.id)];
    });
    if (!(composed == straight[axis])) return {};
  }
  return inner.inputs[0];
}

}  // namespace

Graph simplify(const Graph& graph) {
  std::vector<PlanNumber> numbers = graph.numbers;
  Graph result = rebuild(graph, [&](const Tensor& tensor) -> Tensor {
    const Node& node = tensor.node();
    if (is_literal(tensor)) return constant(constant_value(node), node.shape, node.dtype);
    if (node.op->kind == Kind::view) return cancel_views(node, node.inputs);
    if (node.op->kind == Kind::reduce) return fold_equal(node, node.inputs[0], numbers);
    if (node.op->kind != Kind::elementwise) return {};
    const Tensor folded = fold(node, node.inputs, numbers);
    return folded.defined() ? folded : drop_neutral(node, node.inputs);
  });
  result.numbers = std::move(numbers);
  return result;
}

}  // namespace hekla::compiler
