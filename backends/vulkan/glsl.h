// GLSL printer: scalar programs (graph/compiler/kernel.h) as GLSL statements.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/common/code.h"
#include "backends/common/pattern.h"
#include "graph/compiler/kernel.h"

namespace hekla::vulkan {

using namespace backend;
using namespace compiler;

/// "float", "int", "uint", "bool"; in quads "vec4", "ivec4", "uvec4", "bvec4".
std::string type_name(DType dtype, bool quad);

/// The context of a printed body: names of variables, axes and load functions.
struct Surroundings {
  std::string prefix;                                       // of variable names
  std::function<std::string(int axis)> axis_name;           // of the outer axes
  std::function<std::string(int operand, bool quad)> load;  // the function that reads an operand
  std::string anchor;                                       // the variable holding the anchor's value
  bool anchor_is_quad = false;
  bool hide_zeros = false;                // from a driver that folds x * 0 to 0
  std::uint64_t invocation_axes = 1;      // positions along these axes are known at run time only
  std::int64_t max_unrolled = INT64_MAX;  // longer loops are not to be unrolled by the driver
};

/// The head of a loop over an axis, with a hint not to unroll it when it is longer than `max_unrolled`.
std::string loop_over(const std::string& axis, std::int64_t extent, std::int64_t max_unrolled);

class BodyPrinter {
 public:
  BodyPrinter(const Body& body, Surroundings surroundings);

  /// Statements for all values of the body's outermost level, `wanted` by position or all.
  Code statements(int indentation, const std::function<bool(int)>& wanted = {});
  /// How to refer to a value that has been printed: the whole of it, or one component.
  std::string whole(int value) const;
  std::string component(int value, int which) const;
  bool is_quad_value(int value) const;
  /// Whether a driver from which zeros are hidden may find that the value is a constant, once it has unrolled loops.
  bool may_be_constant(int value) const;
  /// An index expression; `component` replaces the component axis.
  std::string index(const Index& index, int component) const;
  /// From here on the value is named `name` instead: an array element it was kept in.
  void rename(int value, std::string name);

 private:
  void print(int value, int indentation, Code& code);
  void print_fold(int value, int indentation, Code& code);
  std::string expression(const Scalar& scalar, int component) const;
  std::string inside(const Scalar& scalar, int component) const;
  std::string operand(const Scalar& applied, std::size_t number, int component) const;
  std::string name(int value) const;
  std::string factor(int value, int component) const;

  const Body& body_;
  Surroundings around_;
  std::vector<std::pair<int, std::string>> renamed_;
  std::vector<int>
      numbers_;  // of the values in the order in which they stand in the text; constants have none
  std::vector<bool> may_be_constant_;  // in an unrolled loop
};

/// The float expression `value` with the same bits, opaque to the driver: dispatches have z size 1, which is
/// unknown at compile time.
std::string hidden(std::string_view value);

/// Whether operand {number} is next to a * or a / in `pattern`.
bool is_factor(std::string_view pattern, std::size_t number);

/// The GLSL functions that the operations of the bodies call, each emitted once, as a text of its own.
Code library_functions(const std::vector<const Body*>& bodies);

}  // namespace hekla::vulkan
