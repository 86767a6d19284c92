// Making, describing, walking and freeing nodes.
#include "graph/tensor.h"

#include <fmt/format.h>

#include <unordered_set>

#include "graph/error.h"
#include "graph/evaluator.h"

namespace hekla {

const Op constant_op{.name = "constant", .kind = Kind::constant};
const Op data_op{.name = "data", .kind = Kind::storage};
const Op variable_op{.name = "variable", .kind = Kind::variable};
const Op input_op{.name = "input", .kind = Kind::storage};

const Shape& Tensor::shape() const {
  if (!node_) throw Error("[tensor] an empty tensor has no shape; assign it a value first.");
  return node_->shape;
}

DType Tensor::dtype() const {
  if (!node_) throw Error("[tensor] an empty tensor has no dtype; assign it a value first.");
  return node_->dtype;
}

std::int64_t Tensor::size(int axis) const { return shape()[normalize_axis(axis, rank(), "size")]; }

const Tensor& Tensor::label(std::string text) const {
  if (!node_) throw Error("[label] an empty tensor cannot be labelled; assign it a value first.");
  node_->label = std::move(text);
  return *this;
}

Tensor Tensor::literal(double number, bool fractional) {
  // The first dtype that holds the number; which one it takes is decided when it meets a tensor.
  DType dtype = DType::f32;
  if (!fractional && convert(number, DType::u32) == number) dtype = DType::u32;
  if (!fractional && convert(number, DType::i32) == number) dtype = DType::i32;
  Tensor result = constant(number, {}, dtype);
  result.node_->attributes.integers = {1};
  return result;
}

bool is_literal(const Tensor& tensor) {
  return tensor.defined() && tensor.node().op == &constant_op && !tensor.node().attributes.integers.empty();
}

Tensor constant(double number, const Shape& shape, DType dtype) {
  auto node = std::make_shared<Node>();
  node->op = &constant_op;
  node->attributes.number = convert(number, dtype);
  node->shape = shape;
  node->dtype = dtype;
  return Tensor(std::move(node));
}

Tensor make_leaf(const Op& op, Shape shape, DType dtype, std::shared_ptr<Value> value, std::string label) {
  auto node = std::make_shared<Node>();
  node->op = &op;
  node->shape = shape;
  node->dtype = dtype;
  node->value = std::move(value);
  node->label = std::move(label);
  return Tensor(std::move(node));
}

Tensor apply(const Op& op, std::vector<Tensor> inputs, Attributes attributes) {
  if (static_cast<int>(inputs.size()) != op.arity) {
    throw Error(fmt::format("[{}] got {} operands; it takes {}.", op.name, inputs.size(), op.arity));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined()) {
      throw Error(
          fmt::format("[{}] operand {} is an empty tensor; assign it a value first.", op.name, i + 1));
    }
  }
  auto node = std::make_shared<Node>();
  node->op = &op;
  node->inputs = std::move(inputs);
  node->attributes = std::move(attributes);
  Meta meta = op.infer(*node);
  node->shape = meta.shape;
  node->dtype = meta.dtype;
  return Tensor(std::move(node));
}

Node::~Node() {
  std::vector<Tensor> dying = std::move(inputs);
  while (!dying.empty()) {
    const std::shared_ptr<Node> node = dying.back().pointer();
    dying.pop_back();
    if (node && node.use_count() == 1) {
      for (Tensor& input : node->inputs) dying.push_back(std::move(input));
      node->inputs.clear();
    }
  }
}

std::string describe(const Tensor& tensor) {
  if (!tensor.defined()) return "(empty)";
  const Node& node = tensor.node();
  const std::string type = fmt::format("{}{}", name(node.dtype), to_string(node.shape));
  return node.label.empty() ? type : fmt::format("{} {}", node.label, type);
}

std::vector<const Node*> topological_order(std::span<const Tensor> roots, bool stop_at_values) {
  std::vector<const Node*> order;
  std::unordered_set<const Node*> seen;
  struct Visit {
    const Node* node;
    std::size_t next_input;
  };
  std::vector<Visit> stack;
  for (const Tensor& root : roots) {
    if (!root.defined() || !seen.insert(root.get()).second) continue;
    stack.push_back({root.get(), 0});
    while (!stack.empty()) {
      Visit& visit = stack.back();
      const Node* node = visit.node;
      const bool leaf = stop_at_values && node->value != nullptr;
      if (leaf || visit.next_input == node->inputs.size()) {
        order.push_back(node);
        stack.pop_back();
        continue;
      }
      const Node* input = node->inputs[visit.next_input++].get();
      if (seen.insert(input).second) stack.push_back({input, 0});
    }
  }
  return order;
}

}  // namespace hekla
