// Kernel: a group of nodes lowered to a device-independent form: scalar programs over integer index
// expressions. A backend prints them in its language inside the skeleton of the kernel's form.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
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

enum class Form { map, reduce, matmul, custom };

struct Store {
  int value;    // position in the result body, or in that of its part
  int slot;     // memory written
  Index index;  // element
  DType dtype;
  int part = 0;  // map: 0 for the result body, p for parts[p - 1]
};

/// Further elements that a map computes besides those of its result body, independent of them (horizontal
/// fusion).
struct MapPart {
  Body body;
  std::int64_t items = 1;
  bool wide = false;
  std::int64_t row = 1;
};

/// The shapes and attributes of its node that a custom kernel's body can read.
struct CustomCall {
  const Op* op = nullptr;
  std::int64_t invocations = 0;
  std::vector<Meta> operands;
  Meta result;
  std::vector<std::int64_t> integers;
  double number = 0;
};

/// The axes of a kernel have fixed numbers:
///
///   map     0: output element, or quad when `wide`, or row where `row` is above 1; 1: position in the row
///   reduce  0: output element, or quad when `wide`; 1: position in the folded axes
///   matmul  0: matrix; 1: row; 2: column; 3: position in the inner axis
///
/// The component of a quad is component_axis.
struct Kernel {
  Form form = Form::map;
  std::string label;
  std::vector<int> operands;  // memory slots read, by operand number
  std::vector<Store> stores;
  Body result;  // from the anchor (if any) and operands to what is stored
  Body left;    // reduce: the element folded; matmul: element (matrix, row, inner) of the left factor
  Body right;   // matmul: element (matrix, inner, column) of the right factor
  const Op* fold = nullptr;  // reduce: the combiner
  DType fold_dtype = DType::f32;

  std::int64_t items = 1;   // map, reduce: output elements (map: quads when wide, or rows)
  std::int64_t row = 1;     // map: elements of an item, computed one after another: values loop-invariant in
                            // axis 1 are hoisted and computed once for all of them
  std::int64_t length = 1;  // reduce: folded elements per output
  std::int64_t matrices = 1, rows = 1, columns = 1, inner = 1;  // matmul
  DType factor_dtype = DType::f32;                              // matmul: both factors are rounded to it
  bool wide = false;                                        // map and reduce: four output elements per item
  bool wide_length = false;                                 // reduce: the folded axis in quads
  std::vector<MapPart> parts;                               // map: in the same dispatch, after `items`
  bool left_along_inner = true, right_along_inner = false;  // matmul: the axis of a quad
  bool arena_as_one = false;  // more slots than a device binds: those in the arena share a binding

  CustomCall custom;  // custom: operand k is memory slot operands[k]

  /// Loop iterations of one invocation, counted as if a single invocation did the whole reduction.
  std::int64_t iterations() const;
};

/// The position in a map's row.
constexpr int element_axis = 1;

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
