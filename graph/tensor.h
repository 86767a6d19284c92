// Tensor and Node: the graph. A Tensor is a cheap handle to an immutable Node; building an expression
// computes nothing. Start with apply(), through which every node is made.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/dtype.h"
#include "graph/host_array.h"
#include "graph/op.h"
#include "graph/shape.h"

namespace hekla {

class Value;
struct Loop;
struct Node;
struct GradientRule;
struct Origin;

template <class T>
concept Number = std::integral<T> || std::floating_point<T>;

class Tensor {
 public:
  /// An empty handle; using it in an operation is an error.
  Tensor() = default;
  /// A C++ number used where a tensor is expected: a scalar that takes the dtype of the tensor it meets.
  template <Number T>
  Tensor(T number) : Tensor(literal(static_cast<double>(number), std::floating_point<T>)) {}
  explicit Tensor(std::shared_ptr<Node> node) : node_(std::move(node)) {}

  const Shape& shape() const;
  DType dtype() const;
  int rank() const { return shape().rank(); }
  std::int64_t count() const { return shape().count(); }
  /// Size of an axis; negative axes count from the end.
  std::int64_t size(int axis) const;

  /// The value of a tensor with one element, computed now on the default device.
  template <Number T = float>
  T item() const {
    return static_cast<T>(single());
  }
  /// All elements in row-major order, computed now on the default device.
  template <Number T = float>
  std::vector<T> to_vector() const {
    return to_host().to<T>();
  }
  HostArray to_host() const;
  /// Computes the value now and holds it: later graphs start from it, until a variable it depends on is
  /// changed.
  const Tensor& eval() const;
  /// The present value as a leaf, independent of later updates of variables. It drops the graph that made it,
  /// so that a loop can carry it along in constant memory.
  Tensor detach() const;

  /// x[i]: the i-th element along the first axis, counted from the end where negative, without that axis; a view, as
  /// index(x, {i}). Throws hekla::Error on a scalar, and on a position outside.
  template <std::integral I>
  Tensor operator[](I position) const {
    return at(static_cast<std::int64_t>(position));
  }
  /// x[indices]: those elements along the first axis, as take(x, indices, 0).
  Tensor operator[](const Tensor& indices) const;

  /// Names the tensor in errors, dumps and profiles; returns *this.
  const Tensor& label(std::string text) const;

  /// False for an empty handle. (There is no conversion to bool: `if (a < b)` would not mean what it says.)
  bool defined() const { return node_ != nullptr; }
  const Node& node() const { return *node_; }
  const Node* get() const { return node_.get(); }
  const std::shared_ptr<Node>& pointer() const { return node_; }

 private:
  static Tensor literal(double number, bool fractional);
  double single() const;
  Tensor at(std::int64_t position) const;

  std::shared_ptr<Node> node_;
};

/// Numbers an operation carries besides its inputs; only the operation defines what they mean.
struct Attributes {
  std::vector<std::int64_t> integers = {};
  double number = 0;
  bool operator==(const Attributes&) const = default;
};

struct Node {
  const Op* op = nullptr;
  std::vector<Tensor> inputs;
  Attributes attributes;
  Shape shape;
  DType dtype = DType::f32;
  /// Elements in memory: of a storage leaf, or of a node that was computed (see graph/run/current.h).
  mutable std::shared_ptr<Value> value;
  mutable std::string label;
  /// Replaces the operation's own gradient rule. Differentiation alone looks at it.
  std::shared_ptr<GradientRule> rule;
  /// The function whose result this is, where one was noted; see origin.h.
  mutable std::shared_ptr<const Origin> origin;
  /// Of Kind::loop alone.
  std::shared_ptr<const Loop> loop;

  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  /// Destructor without recursion: it frees a chain of any length.
  ~Node();
};

/// The gradient of a subgraph as a whole: from `outputs` straight to `inputs`, skipping the nodes between. A
/// node for each output carries it, passes that output on, and has the output's number as its first integer
/// attribute.
struct GradientRule {
  /// Reverse mode over another graph: the gradients of `targets` given those of `outputs`, empty where nothing flows.
  /// Paths stop at `ends`.
  using PullBack = std::vector<Tensor> (*)(std::string_view caller, std::span<const Tensor> outputs,
                                           std::span<const Tensor> targets, std::span<const Tensor> gradients,
                                           std::span<const Tensor> ends);
  /// What has come to the outputs.
  struct Arrived {
    std::span<const Tensor> carriers;   ///< the nodes of the outputs
    std::span<const Tensor> gradients;  ///< of the outputs; empty where none arrived
    const std::vector<bool>& wanted;    ///< inputs; what is returned for others is ignored
    PullBack pull_back;
  };

  std::string name;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  /// Gradients of rule.inputs, empty where nothing flows.
  std::function<std::vector<Tensor>(const GradientRule& rule, const Arrived& arrived)> vjp;
};

/// The node of `op` over `inputs`: checks them and infers the result's shape and dtype.
/// Throws hekla::Error on an empty input, a wrong number of inputs, or what the operation's rule refuses.
Tensor apply(const Op& op, std::vector<Tensor> inputs, Attributes attributes = {});

/// A leaf whose elements are in memory.
Tensor make_leaf(const Op& op, Shape shape, DType dtype, std::shared_ptr<Value> value,
                 std::string label = {});

/// A number in every element of `shape`.
Tensor constant(double number, const Shape& shape = {}, DType dtype = DType::f32);

/// True for a C++ number that has not met a tensor yet; see Tensor(T).
bool is_literal(const Tensor& tensor);

/// "f32[64,784]", with the label in front where there is one.
std::string describe(const Tensor& tensor);

/// A copy of `node` over other inputs of the same shapes and dtypes.
Tensor with_inputs(const Node& node, std::vector<Tensor> inputs);

/// Reachable nodes in topological order, inputs before the nodes that use them; iterative, each node once.
std::vector<const Node*> topological_order(std::span<const Tensor> roots);
/// The same as handles.
std::vector<Tensor> tensors_in_order(std::span<const Tensor> roots);

extern const Op constant_op;
extern const Op data_op;
extern const Op variable_op;
extern const Op input_op;

}  // namespace hekla
