// Op: everything hekla knows about an operation, as data. This is what an extender reads first.
//
// An operation is an immutable descriptor, compared by address; its node in a graph refers to it. The set of
// operations is open (users add to it from their own source files); the set of kinds, which is all the
// compiler looks at, is closed. ops/elementwise.cpp is a file full of examples.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "graph/dtype.h"
#include "graph/shape.h"
#include "graph/view.h"

namespace hekla {

struct Node;
class Tensor;

/// What the compiler may do with an operation. Only the operation itself interprets its node's Attributes,
/// except for those that a kind reads by the accessors at the end of this file.
enum class Kind {
  constant,     // a number, the same in every element
  iota,         // the position along an axis
  storage,      // a leaf whose elements lie in memory: data, inputs
  variable,     // the same, and updates may replace the elements
  elementwise,  // element i of the result is a function of elements i of the operands
  reduce,       // folds axes with a combiner; the folded axes keep size 1
  view,         // moves the first input's elements without computing; other inputs are waited for, not read
  matmul,       // batched matrix product
  gather,       // rows picked by computed indices
  custom,       // a kernel of its own, which the compiler does not look into
  loop,         // a result of a graph that is computed several times; see loop.h
};

/// True for the two kinds of leaves whose elements are in memory.
constexpr bool is_storage(Kind kind) { return kind == Kind::storage || kind == Kind::variable; }

struct Meta {
  Shape shape;
  DType dtype;
};

/// True for the kinds that read whole operands from memory and write their own results there.
constexpr bool is_opaque(Kind kind) { return kind == Kind::custom || kind == Kind::loop; }

/// A kernel written by hand. Its body is the GLSL of one invocation, with these names in scope, where k
/// counts the operands from 0:
///
///   int invocation                  0, 1, ..., invocations(node) - 1
///   T, T0, T1, ...                  types of an element of the result and of operand k (see Op::glsl)
///   Tk loadk(int i)                 element i of operand k, in row-major order
///   void store(int i, T value)      writes element i of the result; each element is written once
///   const int count, countk         elements of the result and of operand k
///   const int shape[], shapek[]     their sizes; a scalar's is {1}
///   const float number              the node's Attributes::number
///   const int integers[]            the node's Attributes::integers; {0} where there are none
///
/// Some software drivers silently end all loops of an invocation after 65,535 iterations: divide longer loops
/// among invocations.
struct CustomKernel {
  std::string_view body;
  /// How many invocations the result takes.
  std::int64_t (*invocations)(const Node& node);
  /// The same in double precision, for the reference device: the result's elements, given the operands'. May
  /// be null.
  std::vector<double> (*reference)(const Node& node, std::span<const std::vector<double>> operands) = nullptr;
};

struct Op {
  /// Shown in errors, dumps and profiles.
  std::string_view name;
  Kind kind;
  int arity = 0;

  /// Shape and dtype of the result from the node's inputs and attributes; throws hekla::Error `[name] fact;
  /// rule`.
  Meta (*infer)(const Node& node) = nullptr;

  /// Elementwise: an expression of {0}, {1}, ... (each a GLSL variable of its operand's type) with {T}
  /// standing for the result's GLSL type. Reduce: the combiner of {0} and {1}. A u8 operand arrives as uint,
  /// an f16 or bf16 one as float, and a result of theirs has to be a number that they hold.
  std::string_view glsl = {};
  /// GLSL functions the expression calls, printed once per kernel.
  std::string_view glsl_functions = {};

  /// Reduce: the value to start from. Elementwise with two operands: x op identity = x, which lets the
  /// compiler drop the operation.
  std::optional<double> identity = {};
  /// identity op x = x holds too.
  bool commutative = false;

  /// Elementwise with one operand: the result is the operand, which lets the compiler drop the operation.
  bool passes_operand_on = false;

  /// The same function in double precision (a reduce: its combiner), for the reference device and constant
  /// folding.
  double (*eval)(std::span<const double> operands, DType result) = nullptr;

  /// Work of one evaluation in units of one addition, which is how the compiler weighs recomputing against
  /// storing.
  int cost = 1;

  /// View only: where the elements come from.
  View (*view)(const Node& node) = nullptr;

  /// Custom only.
  const CustomKernel* kernel = nullptr;

  /// The operation of ONNX that computes the same of the same operands, "Add", in the domain before the colon if it is
  /// another than ONNX's own: "com.example:Gaussian". Empty: the operation is written as its file in train/onnx says, or
  /// not at all.
  std::string_view onnx = {};

  /// Gradients of the inputs given the result y and the gradient g of y's elements, built of public
  /// operations so that they can be differentiated again. An empty tensor says that nothing flows to that
  /// input. Null: the operation is not differentiable, and grad says so by name.
  std::vector<Tensor> (*vjp)(const Tensor& y, const Tensor& g) = nullptr;
};

/// Reduce: the axes that are folded, in ascending order (Attributes::integers).
std::span<const std::int64_t> reduced_axes(const Node& reduce);
/// Iota: the axis along which positions count (Attributes::integers[0]).
int iota_axis(const Node& iota);
/// Gather: the axis of the first input along which the second input picks (Attributes::integers[0]).
int gather_axis(const Node& gather);
/// Constant: the number in every element (Attributes::number).
double constant_value(const Node& constant);

}  // namespace hekla
