// Call: a node of an ONNX graph that is being converted, as its conversion sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/tensor.h"
#include "train/layers/mode.h"
#include "train/onnx/operand.h"
#include "train/onnx/proto.h"

namespace hekla::onnx {

class Builder;

/// A node with its operands. What throws hekla::Error here gives the fact alone: whoever converts a graph adds the node's
/// name.
class Call {
 public:
  Call(const NodeProto& node, std::int64_t opset, std::vector<Operand> inputs, const Builder& builder,
       const Scope& scope)
      : node_(node), opset_(opset), inputs_(std::move(inputs)), builder_(builder), scope_(scope) {}

  const std::string& op_type() const { return node_.op_type; }
  /// The version of the operations of this node's domain.
  std::int64_t opset() const { return opset_; }

  std::size_t input_count() const { return inputs_.size(); }
  std::size_t output_count() const { return node_.output.size(); }
  bool has_input(std::size_t i) const { return i < inputs_.size() && inputs_[i].defined(); }
  /// Whether somebody may read this output.
  bool has_output(std::size_t i) const { return i < node_.output.size() && !node_.output[i].empty(); }

  const Operand& operand(std::size_t i) const;
  /// Input i; throws where it is left out, or holds integers of more than 32 bits.
  const Tensor& operator[](std::size_t i) const;
  /// The same, or an empty tensor where it is left out.
  Tensor optional(std::size_t i) const { return has_input(i) ? (*this)[i] : Tensor(); }
  std::vector<Tensor> tensors() const;

  /// The elements of an input that must be known when the graph is built. Throws where one of them has no place among
  /// positions and sizes, so that sums and products of two do not overflow.
  std::vector<std::int64_t> known_integers(std::size_t i) const;
  std::int64_t known_integer(std::size_t i) const;
  /// The same of any size: exporters write "to the end" and "without end" as the largest integer.
  std::vector<std::int64_t> known_wide_integers(std::size_t i) const;
  std::vector<double> known_numbers(std::size_t i) const;
  double known_number(std::size_t i) const;

  bool has_attribute(std::string_view name) const;
  /// Throws where the number has no place among positions and sizes, as integers() does.
  std::int64_t integer(std::string_view name) const;
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  bool flag(std::string_view name, bool otherwise = false) const { return integer(name, otherwise) != 0; }
  double number(std::string_view name, double otherwise) const;
  std::string text(std::string_view name, std::string_view otherwise) const;
  std::vector<std::int64_t> integers(std::string_view name, std::vector<std::int64_t> otherwise = {}) const;
  /// Of any size; those of an attribute that holds one number or a list.
  std::vector<std::int64_t> wide_integers(std::string_view name) const;
  std::vector<double> numbers(std::string_view name, std::vector<double> otherwise = {}) const;
  std::vector<std::string> texts(std::string_view name) const;
  const TensorProto& constant(std::string_view name) const;
  const GraphProto& graph(std::string_view name) const;

  /// What later opsets have as an input and earlier ones as an attribute.
  std::optional<std::vector<std::int64_t>> integers_of(std::string_view name, std::size_t input) const;
  /// The axis under this name, counted from 0. Throws where it is outside of `rank`.
  int axis(std::string_view name, std::int64_t otherwise, int rank) const;
  /// The position of an axis that may count from the end. Throws where it is outside of `rank`.
  int axis_at(std::int64_t position, int rank) const;

  const Mode& mode() const;
  /// Converts a graph inside of this node, which knows the names around the node.
  std::vector<Operand> convert(const GraphProto& body, std::vector<Operand> arguments) const;

  [[noreturn]] void fail(const std::string& what) const;

 private:
  /// Fails where the number, of an input or attribute, has no place among positions and sizes.
  void check_position(std::int64_t number, const std::string& place) const;
  /// Null where the node does not have it; throws where it has another type.
  const AttributeProto* attribute(std::string_view name, AttributeProto::Type type) const;

  const NodeProto& node_;
  std::int64_t opset_;
  std::vector<Operand> inputs_;
  const Builder& builder_;
  const Scope& scope_;
};

/// How an operation of ONNX becomes hekla's.
struct Conversion {
  std::string_view op_type;
  std::vector<Operand> (*convert)(const Call& call);
  /// Those that it understands. A node with another one is refused.
  std::vector<std::string_view> attributes = {};
};

/// The conversion of an operation, or null. "" is ONNX's own domain.
const Conversion* find_conversion(std::string_view domain, std::string_view op_type);
/// All of ONNX's own domain, in alphabetical order.
std::vector<std::string_view> converted_operations();

}  // namespace hekla::onnx
