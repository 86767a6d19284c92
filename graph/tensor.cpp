// Making, describing and freeing nodes.
#include "graph/tensor.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "graph/loop.h"
#include "graph/origin.h"
#include "graph/visit.h"

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
  shape.count();  // throws where nothing can count them
  auto node = std::allocate_shared<Node>(SpareAllocator<Node>());
  node->op = &constant_op;
  node->attributes.number = convert(number, dtype);
  node->shape = shape;
  node->dtype = dtype;
  return Tensor(std::move(node));
}

Tensor make_leaf(const Op& op, Shape shape, DType dtype, std::shared_ptr<Value> value, std::string label) {
  shape.count();  // throws where nothing can count them
  auto node = std::allocate_shared<Node>(SpareAllocator<Node>());
  node->op = &op;
  node->shape = shape;
  node->dtype = dtype;
  node->value = std::move(value);
  node->label = std::move(label);
  return Tensor(std::move(node));
}

namespace {

// Errors here tell the author of a custom operation what its descriptor lacks.
void check_descriptor(const Op& op) {
  const auto need = [&](bool there, const char* field, const char* why) {
    if (!there) throw Error(fmt::format("[{}] the descriptor has no {}; {}.", op.name, field, why));
  };
  need(op.infer != nullptr, "infer", "it gives the result its shape and dtype");
  const bool computed = op.kind == Kind::elementwise || op.kind == Kind::reduce;
  need(!computed || !op.glsl.empty(), "glsl", "it is the expression that kernels compute");
  need(!computed || op.eval != nullptr, "eval",
       "it is what the reference device and constant folding compute");
  need(op.kind != Kind::reduce || op.identity.has_value(), "identity", "it is what a reduction starts from");
  need(op.kind != Kind::view || op.view != nullptr, "view", "it says where elements come from");
  if (op.kind != Kind::custom) return;
  need(op.kernel != nullptr, "kernel", "it holds the body and the grid");
  need(!op.kernel->body.empty(), "kernel body", "it is the GLSL of one invocation");
  need(op.kernel->invocations != nullptr, "kernel invocations", "it says how many the result takes");
}

void check_result(const Node& node) {
  node.shape.count();  // throws where nothing can count them
  const auto refuse = [&](const char* rule) {
    throw Error(fmt::format("[{}] its shape rule gives {}{} for {}; {}.", node.op->name, name(node.dtype),
                            to_string(node.shape),
                            node.inputs.empty() ? "no operand" : describe(node.inputs[0]), rule));
  };
  if (node.op->kind == Kind::elementwise) {
    for (const Tensor& input : node.inputs) {
      if (!(input.shape() == node.shape)) refuse("an elementwise result has the shape of its operands");
    }
  }
  if (node.op->kind == Kind::reduce && node.inputs.size() == 1) {
    Shape shape = node.inputs[0].shape();
    for (const std::int64_t axis : reduced_axes(node)) shape[static_cast<int>(axis)] = 1;
    if (!(shape == node.shape))
      refuse("a reduction's result has size 1 on the axes that it folds, and its operand's on the others");
  }
  if (node.op->kind == Kind::custom && is_packed(node.dtype))
    refuse("a custom kernel writes whole words, not u8, f16 or bf16");
}

}  // namespace

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
  auto node = std::allocate_shared<Node>(SpareAllocator<Node>());
  node->op = &op;
  node->inputs = std::move(inputs);
  node->attributes = std::move(attributes);
  check_descriptor(op);
  Meta meta = op.infer(*node);
  node->shape = meta.shape;
  node->dtype = meta.dtype;
  check_result(*node);
  return Tensor(std::move(node));
}

Node::~Node() {
  // An explicit stack in place of recursive destructors: the inputs that this thread's outermost destructor
  // still has to release.
  static constinit thread_local std::vector<Tensor>* pending = nullptr;
  std::vector<Tensor> own;
  const bool outermost = pending == nullptr;
  if (outermost) pending = &own;
  for (Tensor& input : inputs) pending->push_back(std::move(input));
  rule.reset();
  origin.reset();
  loop.reset();
  if (!outermost) return;
  while (!own.empty()) {
    const Tensor last = std::move(own.back());
    own.pop_back();
  }
  pending = nullptr;
}

std::string describe(const Tensor& tensor) {
  if (!tensor.defined()) return "(empty)";
  const Node& node = tensor.node();
  const std::string type = fmt::format("{}{}", name(node.dtype), to_string(node.shape));
  return node.label.empty() ? type : fmt::format("{} {}", node.label, type);
}

Tensor with_inputs(const Node& node, std::vector<Tensor> inputs) {
  auto copy = std::make_shared<Node>();
  copy->op = node.op;
  copy->inputs = std::move(inputs);
  copy->attributes = node.attributes;
  copy->shape = node.shape;
  copy->dtype = node.dtype;
  copy->label = node.label;
  copy->loop = node.loop;
  return Tensor(std::move(copy));
}

std::vector<const Node*> topological_order(std::span<const Tensor> roots) {
  std::vector<const Node*> order;
  visit_in_order(
      roots, [](const Node&) { return false; },
      [&](const Tensor& tensor, bool) { order.push_back(tensor.get()); });
  return order;
}

std::vector<Tensor> tensors_in_order(std::span<const Tensor> roots) {
  std::vector<Tensor> order;
  visit_in_order(
      roots, [](const Node&) { return false; }, [&](const Tensor& tensor, bool) { order.push_back(tensor); });
  return order;
}

}  // namespace hekla
