// Kernel: a group of nodes lowered to a device-independent form: scalar programs over integer index
// expressions. A backend prints them in its language inside the skeleton of the kernel's form.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "graph/index.h"
#include "graph/op.h"

namespace hekla::compiler {

/// One value of a scalar program. `arguments` are positions of earlier values.
struct Scalar {
  enum class Kind {
    constant,  // number
    index,     // an index expression as a number
    load,      // element `index` of an operand
    apply,     // op(arguments)
    inside,    // arguments[0] where all bounds hold, else number
    fold,      // op folded over `axis` of arguments[0], which is computed by the values in `block`
    anchor,    // the result of the kernel's reduction or product, at element `index`
  };
  Kind kind;
  DType dtype;
  double number = 0;
  int number_of_plan = -1;  // constant: its place in Plan::numbers; -1 where it is structure
  Index index = 0;
  std::vector<View::Bound> bounds = {};
  int operand = -1;
  const Op* op = nullptr;
  std::vector<int> arguments = {};
  int axis = -1;
  std::int64_t extent = 0;
  std::vector<int> block = {};
  std::uint64_t varies = 0;  // axes the value varies with
};

/// The axes that a scalar varies with, given its indices and arguments: it is loop-invariant in all other
/// axes.
std::uint64_t axes_varied_with(const Scalar& scalar, std::span<const Scalar> values);

/// A scalar program: values in order of computation. Values inside a fold are listed in its block, not in
/// `order`.
struct Body {
  std::vector<Scalar> values;
  std::vector<int> order;
  std::vector<int> results;

  /// Iterations of all folds together in one evaluation.
  std::int64_t iterations() const;
  /// Dead code elimination: removes from `order` and blocks what no result needs, such as positions of
  /// elements that are known. A value is placed where its users need it, so an unused one might be placed
  /// before its operands.
  void drop_unused();
  /// Substitutes axes in every index, and updates the axes that values vary with.
  void replace_axes(const std::function<Index(const Index::Atom& axis)>& replacement);
};

/// The form of a kernel: the skeleton that its programs are printed into. A Kernel of form `f` holds the f-th
/// alternative of KernelForm; a loop is several kernels.
enum class Form { map, reduce, matmul, custom, loop };

struct Store {
  int value;    // position in the result body, or in that of its part
  int slot;     // memory written
  Index index;  // element
  DType dtype;
  int part = 0;  // of a map
};

/// Elements that are computed one by one. An item is an element, a quad where `wide`, or a row.
struct MapPart {
  static constexpr int item_axis = 0;
  static constexpr int element_axis = 1;  // position in the row
  static constexpr int first_loop_axis = 2;

  Body body;
  std::int64_t items = 1;
  std::int64_t row = 1;  // elements of an item, computed one after another; values that are loop-invariant in
                         // the row are hoisted and computed once
  bool wide = false;

  /// Loop iterations of one invocation.
  std::int64_t iterations() const;
};

/// Independent parts in one dispatch (horizontal fusion), one after another.
struct MapKernel {
  std::vector<MapPart> parts;
};

/// A fold over some axes of its elements, then a program that starts from the result (the anchor).
struct ReduceKernel {
  static constexpr int item_axis = 0;
  static constexpr int folded_axis = 1;  // position in the folded axes
  static constexpr int first_loop_axis = 2;

  const Op* fold = nullptr;  // the combiner
  DType dtype = DType::f32;
  Body element = {};  // what is folded
  Body result = {};
  std::int64_t items = 1;    // output elements, quads of them where `wide`
  std::int64_t length = 1;   // folded elements of each
  bool wide = false;         // an item is four output elements
  bool wide_length = false;  // the folded axis in quads
};

/// A batch of matrix products, then a program that starts from an element of the product (the anchor).
struct MatmulKernel {
  static constexpr int matrix_axis = 0;
  static constexpr int row_axis = 1;
  static constexpr int column_axis = 2;
  static constexpr int inner_axis = 3;
  static constexpr int first_loop_axis = 4;

  std::int64_t matrices = 1, rows = 1, columns = 1, inner = 1;
  DType factor_dtype = DType::f32;  // both factors are rounded to it
  Body left = {};                   // element (matrix, row, inner)
  Body right = {};                  // element (matrix, inner, column)
  Body result = {};
  bool left_along_inner = true, right_along_inner = false;  // the axis of a quad
};

/// An author's kernel, which knows operand k as memory slot operands[k]: the shapes and attributes of its node
/// that the body can read.
struct CustomCall {
  const Op* op = nullptr;
  std::int64_t invocations = 0;
  std::vector<Meta> operands;
  Meta result;
  std::vector<std::int64_t> integers;
  double number = 0;
};

using KernelForm = std::variant<MapKernel, ReduceKernel, MatmulKernel, CustomCall>;

struct Kernel {
  KernelForm form;
  std::string label = {};
  std::vector<int> operands = {};  // memory slots read, by operand number
  std::vector<Store> stores = {};
  bool arena_as_one = false;  // more slots than a device binds: those in the arena share a binding
  int loops = 0;              // around it: its indices may depend on their iterations

  /// Its scalar programs; none where it is custom.
  std::vector<const Body*> bodies() const;
  std::vector<Body*> bodies();
  /// Loop iterations of one invocation, counted as if a single invocation did the whole reduction.
  std::int64_t iterations() const;
};

/// The axis that numbers the four components of a quad.
constexpr int component_axis = 63;
constexpr int quad = 4;

/// The position along an axis in terms of its quads and their components.
Index quads_and_component(int axis, std::int64_t extent);

/// Vectorizes `body`: it computes four neighbours along `axis` at once, and the axis becomes quads and a
/// component. Where `extent` is no multiple of four, the components beyond it repeat the last element.
void widen(Body& body, int axis, std::int64_t extent);

/// True when four components of `index` are contiguous and aligned: four neighbours that start at a multiple
/// of four. `quads` is then the index of that quad.
bool is_quad(const Index& index, Index& quads);

}  // namespace hekla::compiler
