// GraphWriter: hekla's graph as a graph of ONNX, node by node.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graph/tensor.h"
#include "train/onnx/proto.h"
#include "train/onnx/writing/pairs.h"

namespace hekla::onnx {

AttributeProto attribute(std::string name, std::int64_t integer);
AttributeProto attribute(std::string name, double number);
AttributeProto attribute(std::string name, std::string text);
AttributeProto attribute(std::string name, std::vector<std::int64_t> integers);
AttributeProto attribute(std::string name, TensorProto tensor);
AttributeProto attribute(std::string name, GraphProto graph);

/// Which layer makes a node, for the names in the file.
using LayerNames = std::unordered_map<const Node*, std::string>;

class GraphWriter {
 public:
  GraphWriter(std::int64_t opset, const Pairs& pairs, const LayerNames& layers);

  /// Declares an input, whose elements the file calls `name`.
  void add_input(const Tensor& x, const std::string& name);
  /// Writes what the outputs need, and declares them under these names. Throws hekla::Error listing every operation that
  /// has no counterpart.
  void write(const std::vector<Tensor>& outputs, const std::vector<std::string>& names);

  GraphProto graph;

  // What follows is for the functions that write one operation.

  std::int64_t opset() const { return opset_; }
  const Pairs& pairs() const { return pairs_; }
  /// Whether x is the same for all inputs and all batches: it is computed now and written as an initializer.
  bool is_known(const Tensor& x) const { return known_.contains(x.get()); }

  /// The name of x's elements in the file, in their own order and shape.
  std::string plain(const Tensor& x);
  /// The name of permute(x, order).
  std::string in_order(const Tensor& x, const std::vector<int>& order);
  /// What ONNX broadcasts to x of itself where another operand has x's shape: x without repetitions.
  Tensor unbroadcast(const Tensor& x);

  /// Adds a node; returns the name of its first output.
  std::string add(std::string_view op_type, std::vector<std::string> inputs,
                  std::vector<AttributeProto> attributes = {}, std::size_t outputs = 1);
  /// Output i of the node that was added last.
  const std::string& output(std::size_t i) const { return graph.node.back().output[i]; }
  /// The name of constants.
  std::string integers(const std::vector<std::int64_t>& values);
  std::string scalar(double number, DType dtype);
  /// The name of what `make` makes of a tensor that is known; made once for each x and purpose.
  std::string known(const std::string& purpose, const Tensor& x, const std::function<Tensor()>& make);
  /// The name of a tensor that was made for the file.
  std::string known_now(const Tensor& x);
  /// The name of a shape as a list of integers, which is computed where it depends on the batch.
  std::string shape(const Tensor& x);

  /// Says that `name` holds x, or permute(x, order).
  void set(const Tensor& x, std::string name, std::vector<int> order = {});
  /// In which order x was written; empty: its own.
  const std::vector<int>& order_of(const Tensor& x);
  /// Whether `node` alone reads x.
  bool is_read_once(const Tensor& x) const;
  /// The node that made the elements called `name`, or null.
  NodeProto* maker(const std::string& name);

  /// Several tensors may be results of one node. What stands for the node, and the names of its outputs.
  using Key = std::vector<const void*>;
  const std::vector<std::string>* noted(const Key& key) const;
  /// Notes the outputs of the node that was added last.
  void note(const Key& key);

  /// A graph inside of this one, for the body of a loop: it knows all names of this one.
  GraphWriter inner();
  /// A name that nothing has in this graph.
  std::string fresh(std::string base);
  /// Makes the names of an inner graph taken.
  void take_names(const GraphWriter& body) { names_ = body.names_; }

 private:
  struct Written {
    std::string name;
    std::vector<int> order;
  };

  ValueInfoProto declared(const Tensor& x, const std::string& name) const;
  void find_known(std::span<const Tensor> order);
  std::vector<Tensor> needed(const std::vector<Tensor>& outputs);
  std::string initializer(const Tensor& x, const std::string& label = {});
  void drop_unread_initializers();
  void rename(const std::string& from, const std::string& to);
  std::string batch();

  std::int64_t opset_;
  const Pairs& pairs_;
  const LayerNames& layers_;
  std::unordered_map<const Node*, Written> written_;
  std::map<std::pair<const Node*, std::vector<int>>, std::string> reordered_;
  std::unordered_map<const Node*, std::string> initializers_;
  std::map<std::vector<std::int64_t>, std::string> integer_lists_;
  std::map<std::pair<double, DType>, std::string> scalars_;
  std::map<std::pair<const Node*, std::string>, std::string> made_;
  std::map<Key, std::vector<std::string>> noted_;
  std::set<std::string> declared_;
  std::unordered_map<const Node*, int> readers_;
  std::unordered_set<const Node*> known_;
  std::unordered_set<const Node*> inputs_;
  std::set<std::string> names_;
  std::string layer_;  // of the node that is being written
  std::string batch_;
  std::string first_input_;
  std::vector<Tensor> kept_;  // so that no address is used twice
};

/// What a node is written from: its inputs, or those of the function that it is the result of.
std::vector<Tensor> sources(const GraphWriter& writer, const Tensor& x);

/// Writes one node by the function that made it, or else by its operation; false where there is no counterpart.
bool write_function(GraphWriter& writer, const Tensor& x);
bool write_operation(GraphWriter& writer, const Tensor& x);

/// The name of a factor. hekla adds up products of f16 and bf16 in f32, ONNX in the dtype of the factors.
std::string as_f32(GraphWriter& writer, const Tensor& factor);

/// Whether write_function() has the function that x is the result of.
bool has_function(const GraphWriter& writer, const Tensor& x);

}  // namespace hekla::onnx
