// See operand.h.
#include "train/onnx/operand.h"

#include <fmt/format.h>

#include <algorithm>

#include "backends/reference/reference.h"
#include "graph/error.h"
#include "graph/run/evaluator.h"

namespace hekla::onnx {

namespace {

constexpr std::int64_t most_known_elements = 1'000'000;

bool has_unknown_elements(const Node& node) {
  return node.op == &input_op || node.op->kind == Kind::variable;
}

}  // namespace

Operand::Operand(const TensorProto& constant) : tensor(constant.tensor), type(constant.type) {
  if (!tensor.defined() && !constant.integers.empty())
    integers = std::make_shared<const std::vector<std::int64_t>>(constant.integers);
}

const Operand* Scope::find(const std::string& name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->outer_) {
    const auto found = scope->values_.find(name);
    if (found != scope->values_.end()) return &found->second;
  }
  return nullptr;
}

std::vector<double> known_elements(const Tensor& x) {
  std::int64_t elements = 0;
  for (const Node* node : topological_order(std::vector<Tensor>{x})) {
    if (has_unknown_elements(*node))
      throw UnknownElements(
          fmt::format("it depends on the elements of {}; it must be known when the graph is built.",
                      node->label.empty() ? "an input" : "'" + node->label + "'"));
    if (node->shape.count() > most_known_elements || (elements += node->shape.count()) > most_known_elements)
      throw Error(fmt::format("computing it takes more than {} elements.", most_known_elements));
  }
  // Shapes are few numbers: compiling kernels for them takes longer than interpreting them.
  static const std::shared_ptr<Evaluator> interpreter = open_reference_device();
  return evaluate({.outputs = {x}}, interpreter)[0].to_host().to<double>();
}

}  // namespace hekla::onnx
