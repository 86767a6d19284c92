// Builder: makes hekla's graph of an ONNX graph, node by node.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/layers/mode.h"
#include "train/onnx/operand.h"
#include "train/onnx/proto.h"

namespace hekla::onnx {

/// How deep functions may call each other.
constexpr int deepest_calls = 64;

class Builder {
 public:
  /// `weights` stand for the initializers of these names in the model's main graph.
  Builder(const ModelProto& model, const std::map<std::string, Tensor>& weights, const Mode& mode)
      : model_(model), weights_(weights), mode_(mode) {}

  /// The outputs of a graph, given its inputs in their order. `outer` holds the names of the graph around it. Throws
  /// hekla::Error naming the node that cannot be converted.
  std::vector<Operand> convert(const GraphProto& graph, std::vector<Operand> arguments,
                               const Scope* outer = nullptr) const;

  const Mode& mode() const { return mode_; }

 private:
  void convert_nodes(const std::vector<NodeProto>& nodes, const Opsets& opsets, Scope& scope) const;
  std::vector<Operand> convert_node(const NodeProto& node, const Opsets& opsets, const Scope& scope) const;
  std::vector<Operand> call_function(const FunctionProto& function, const NodeProto& node,
                                     std::vector<Operand> arguments) const;

  const ModelProto& model_;
  const std::map<std::string, Tensor>& weights_;
  Mode mode_;
  class FunctionCall;

  mutable const Opsets* opsets_ =
      nullptr;  // of the function that is being converted, or null for the model's
  mutable int depth_ = 0;
  mutable std::int64_t converted_ = 0;
};

/// The inputs of a graph that its caller has to give: those without an initializer.
std::vector<const ValueInfoProto*> required_inputs(const GraphProto& graph);

/// The function of the model that a node calls, or null.
const FunctionProto* find_function(const ModelProto& model, const NodeProto& node);

/// "node 'conv1' (Conv)", or "the Conv that makes 'y'" where it has no name.
std::string describe(const NodeProto& node);

}  // namespace hekla::onnx
