// See builder.h.
#include "train/onnx/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "graph/error.h"
#include "train/onnx/call.h"
#include "train/onnx/element_type.h"

namespace hekla::onnx {

namespace {

// Functions that call each other twice would otherwise grow a small file beyond every memory.
constexpr std::int64_t most_nodes = 1'000'000;

// Of a body of a function: attributes that refer to the caller's take their values.
std::vector<NodeProto> with_attributes(std::vector<NodeProto> nodes,
                                       const std::vector<AttributeProto>& given) {
  for (NodeProto& node : nodes) {
    std::vector<AttributeProto> attributes;
    for (AttributeProto& attribute : node.attribute) {
      for (GraphProto& graph : attribute.graphs) graph.node = with_attributes(std::move(graph.node), given);
      if (attribute.ref_attr_name.empty()) {
        attributes.push_back(std::move(attribute));
        continue;
      }
      const auto found = std::ranges::find(given, attribute.ref_attr_name, &AttributeProto::name);
      if (found == given.end()) continue;
      attributes.push_back(*found);
      attributes.back().name = attribute.name;
    }
    node.attribute = std::move(attributes);
  }
  return nodes;
}

std::int64_t opset_of(const Opsets& opsets, const NodeProto& node) {
  const auto found = opsets.find(node.domain);
  return found == opsets.end() ? 0 : found->second;
}

}  // namespace

// The scope of a function's body. An error leaves it, too: a loop that cannot be converted is tried another way.
class Builder::FunctionCall {
 public:
  FunctionCall(const Builder& builder, const Opsets& opsets)
      : builder_(builder), outer_(std::exchange(builder.opsets_, &opsets)) {
    ++builder.depth_;
  }
  FunctionCall(const FunctionCall&) = delete;
  FunctionCall& operator=(const FunctionCall&) = delete;
  ~FunctionCall() {
    --builder_.depth_;
    builder_.opsets_ = outer_;
  }

 private:
  const Builder& builder_;
  const Opsets* outer_;
};

std::vector<const ValueInfoProto*> required_inputs(const GraphProto& graph) {
  std::unordered_set<std::string_view> initialized;
  for (const TensorProto& initializer : graph.initializer) initialized.insert(initializer.name);
  std::vector<const ValueInfoProto*> required;
  for (const ValueInfoProto& input : graph.input) {
    if (!initialized.contains(input.name)) required.push_back(&input);
  }
  return required;
}

const FunctionProto* find_function(const ModelProto& model, const NodeProto& node) {
  for (const FunctionProto& function : model.functions) {
    if (function.name == node.op_type && function.domain == node.domain) return &function;
  }
  return nullptr;
}

std::string describe(const NodeProto& node) {
  if (!node.name.empty()) return fmt::format("node {} ({})", files::in_quotes(node.name), node.op_type);
  const auto output =
      std::ranges::find_if(node.output, [](const std::string& name) { return !name.empty(); });
  return output == node.output.end()
             ? fmt::format("a {} without a name", node.op_type)
             : fmt::format("the {} that makes {}", node.op_type, files::in_quotes(*output));
}

std::vector<Operand> Builder::convert(const GraphProto& graph, std::vector<Operand> arguments,
                                      const Scope* outer) const {
  Scope scope(outer);
  for (const TensorProto& initializer : graph.initializer) {
    const auto weight = weights_.find(initializer.name);
    Operand value = &graph == &model_.graph && weight != weights_.end()
                        ? Operand(weight->second, initializer.type)
                        : Operand(initializer);
    if (value.tensor.defined()) value.tensor = computed(value.tensor);
    scope.set(initializer.name, std::move(value));
  }
  const std::vector<const ValueInfoProto*> inputs = required_inputs(graph);
  if (arguments.size() != inputs.size())
    throw Error(fmt::format("{} inputs are given; the graph {} has {}.", arguments.size(),
                            files::in_quotes(graph.name), inputs.size()));
  for (std::size_t i = 0; i < inputs.size(); ++i) scope.set(inputs[i]->name, std::move(arguments[i]));
  convert_nodes(graph.node, opsets_ == nullptr ? model_.opset_import : *opsets_, scope);
  std::vector<Operand> outputs;
  for (const ValueInfoProto& output : graph.output) {
    const Operand* found = scope.find(output.name);
    if (found == nullptr)
      throw Error(fmt::format("no node makes the output {}.", files::in_quotes(output.name)));
    outputs.push_back(*found);
  }
  return outputs;
}

void Builder::convert_nodes(const std::vector<NodeProto>& nodes, const Opsets& opsets, Scope& scope) const {
  for (const NodeProto& node : nodes) {
    if (++converted_ > most_nodes)
      throw Error(fmt::format("the graph has more than {} nodes, those of functions included.", most_nodes));
    std::vector<Operand> outputs;
    try {
      outputs = convert_node(node, opsets, scope);
    } catch (const UnknownElements& error) {
      throw UnknownElements(fmt::format("{}: {}", describe(node), error.what()));
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", describe(node), error.what()));
    }
    for (std::size_t i = 0; i < node.output.size() && i < outputs.size(); ++i) {
      if (node.output[i].empty() || !outputs[i].defined()) continue;
      // A weight keeps its name, and so does what a node hands on.
      if (outputs[i].tensor.defined() && outputs[i].tensor.node().label.empty())
        outputs[i].tensor.label(node.output[i]);
      scope.set(node.output[i], std::move(outputs[i]));
    }
  }
}

std::vector<Operand> Builder::convert_node(const NodeProto& node, const Opsets& opsets,
                                           const Scope& scope) const {
  std::vector<Operand> inputs;
  for (const std::string& name : node.input) {
    const Operand* found = name.empty() ? nullptr : scope.find(name);
    if (found == nullptr && !name.empty())
      throw Error(fmt::format("it reads {}, which no node before it makes.", files::in_quotes(name)));
    inputs.push_back(found == nullptr ? Operand() : *found);
  }
  if (const FunctionProto* function = find_function(model_, node))
    return call_function(*function, node, std::move(inputs));
  const Conversion* conversion = find_conversion(node.domain, node.op_type);
  if (conversion == nullptr) throw Error("hekla has no such operation.");
  return conversion->convert(Call(node, opset_of(opsets, node), std::move(inputs), *this, scope));
}

std::vector<Operand> Builder::call_function(const FunctionProto& function, const NodeProto& node,
                                            std::vector<Operand> arguments) const {
  if (depth_ == deepest_calls)
    throw Error(fmt::format("functions call each other more than {} deep.", deepest_calls));
  std::vector<AttributeProto> attributes = node.attribute;
  for (const AttributeProto& otherwise : function.attribute_proto) {
    if (std::ranges::find(attributes, otherwise.name, &AttributeProto::name) == attributes.end())
      attributes.push_back(otherwise);
  }
  // What a function does not get is an optional input that its nodes leave out, too.
  Scope scope;
  for (std::size_t i = 0; i < function.input.size(); ++i)
    scope.set(function.input[i], i < arguments.size() ? std::move(arguments[i]) : Operand());
  {
    const FunctionCall inside(*this, function.opset_import);
    convert_nodes(with_attributes(function.node, attributes), function.opset_import, scope);
  }
  std::vector<Operand> outputs;
  for (const std::string& name : function.output) {
    const Operand* found = scope.find(name);
    if (found == nullptr) throw Error(fmt::format("nothing makes its output {}.", files::in_quotes(name)));
    outputs.push_back(*found);
  }
  return outputs;
}

}  // namespace hekla::onnx
