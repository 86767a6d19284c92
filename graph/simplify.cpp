// Simplification.
#include <algorithm>
#include <array>

#include "graph/graph.h"

namespace hekla {

namespace {

bool is_constant(const Tensor& tensor) { return tensor.node().op->kind == Kind::constant; }
bool is_constant(const Tensor& tensor, double number) {
  return is_constant(tensor) && tensor.node().attributes.number == number;
}

// The number as a device holds it: of 5.5 % 0.1 the remainder depends on what 0.1 is rounded to.
double held(const Node& node) {
  const double number = node.attributes.number;
  return node.dtype == DType::f32 ? static_cast<double>(static_cast<float>(number)) : number;
}

Tensor fold(const Node& node, const std::vector<Tensor>& inputs) {
  if (node.op->eval == nullptr || inputs.size() > 8 ||
      !std::all_of(inputs.begin(), inputs.end(), [](const Tensor& x) { return is_constant(x); })) {
    return {};
  }
  std::array<double, 8> numbers{};
  for (std::size_t i = 0; i < inputs.size(); ++i) numbers[i] = held(inputs[i].node());
  return constant(node.op->eval(std::span(numbers.data(), inputs.size()), node.dtype), node.shape,
                  node.dtype);
}

// A number folded with itself, by doubling how often; nothing where the dtype does not hold what comes out.
Tensor fold_equal(const Node& node, const Tensor& x) {
  if (!is_constant(x) || node.shape.count() == 0 || x.count() == 0) return {};
  const auto combined = [&](double a, double b) {
    const std::array<double, 2> pair{a, b};
    return node.op->eval(pair, node.dtype);
  };
  double power = x.node().attributes.number, result = node.op->identity;
  for (std::int64_t times = x.count() / node.shape.count(); times > 0; times /= 2) {
    if (times % 2 != 0) result = result == node.op->identity ? power : combined(result, power);
    power = combined(power, power);
  }
  if (!is_float(node.dtype) && convert(result, node.dtype) != result) return {};
  return constant(result, node.shape, node.dtype);
}

Tensor drop_neutral(const Node& node, const std::vector<Tensor>& inputs) {
  if (inputs.size() == 1 && node.op->glsl == "{0}") return inputs[0];
  if (inputs.size() != 2 || node.op->identity == Op::no_identity || inputs[0].dtype() != node.dtype)
    return {};
  if (is_constant(inputs[1], node.op->identity)) return inputs[0];
  if (node.op->commutative && is_constant(inputs[0], node.op->identity)) return inputs[1];
  return {};
}

bool waits(const std::vector<Tensor>& inputs) {
  return std::any_of(inputs.begin() + 1, inputs.end(), [](const Tensor& x) { return !is_constant(x); });
}

Tensor cancel_views(const Node& node, const std::vector<Tensor>& inputs) {
  const Node& inner = inputs[0].node();
  if (inner.op->kind == Kind::constant) {
    const bool uniform =
        node.op->view(node).bounds.empty() || inner.attributes.number == node.attributes.number;
    return uniform ? constant(inner.attributes.number, node.shape, node.dtype) : Tensor();
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
  return rebuild(graph, [](const Tensor& tensor) -> Tensor {
    const Node& node = tensor.node();
    if (is_literal(tensor)) return constant(node.attributes.number, node.shape, node.dtype);
    if (node.op->kind == Kind::view) return cancel_views(node, node.inputs);
    if (node.op->kind == Kind::reduce) return fold_equal(node, node.inputs[0]);
    if (node.op->kind != Kind::elementwise) return {};
    const Tensor folded = fold(node, node.inputs);
    return folded.defined() ? folded : drop_neutral(node, node.inputs);
  });
}

}  // namespace hekla
