// GLSL printer: scalar programs (graph/compiler/kernel.h) as GLSL statements.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/compiler/kernel.h"

namespace hekla::vulkan {

using namespace compiler;

/// "float", "int", "uint", "bool"; in quads "vec4", "ivec4", "uvec4", "bvec4".
std::string type_name(DType dtype, bool quad);

/// A number as a GLSL literal of a dtype; supports infinities and NaN.
std::string literal(double number, DType dtype);

/// The context of a printed body: names of variables, axes and load functions.
struct Surroundings {
  std::string prefix;                                       // of variable names
  std::function<std::string(int axis)> axis_name;           // of the outer axes
  std::function<std::string(int operand, bool quad)> load;  // the function that reads an operand
  std::string anchor;                                       // the variable holding the anchor's value
  bool anchor_is_quad = false;
  std::string zero = {};                  // an opaque expression that is 0, for drivers that fold x * 0
  std::int64_t max_unrolled = INT64_MAX;  // longer loops are not to be unrolled by the driver
};

/// The head of a loop over an axis, with a hint not to unroll it when it is longer than `max_unrolled`.
std::string loop_over(const std::string& axis, std::int64_t extent, std::int64_t max_unrolled);

class BodyPrinter {
 public:
  BodyPrinter(const Body& body, Surroundings surroundings) : body_(body), around_(std::move(surroundings)) {}

  /// Statements for all values of the body's outermost level, `wanted` by position or all.
  std::string statements(int indentation, const std::function<bool(int)>& wanted = {});
  /// How to refer to a value that has been printed: the whole of it, or one component.
  std::string whole(int value) const;
  std::string component(int value, int which) const;
  bool is_quad_value(int value) const;
  /// An index expression; `component` replaces the component axis.
  std::string index(const Index& index, int component) const;
  /// From here on the value is named `name` instead: an array element it was kept in.
  void rename(int value, std::string name);

 private:
  void print(int value, int indentation, std::string& text);
  void print_fold(int value, int indentation, std::string& text);
  std::string expression(const Scalar& scalar, int component) const;
  std::string inside(const Scalar& scalar, int component) const;
  std::string operand(const Scalar& applied, std::size_t number, int component) const;
  std::string name(int value) const;

  const Body& body_;
  Surroundings around_;
  std::vector<std::pair<int, std::string>> renamed_;
};

/// `pattern` with {0}, {1}, ... replaced by the operands and {T} by `type`.
std::string substitute(std::string_view pattern, const std::vector<std::string>& operands,
                       const std::string& type);

/// Whether operand {number} is next to a * or a / in `pattern`.
bool is_factor(std::string_view pattern, std::size_t number);

/// `text` with every `$` replaced by `prefix`. `$` is not a GLSL character: it marks the names that a kernel
/// defines, so that kernels in one shader have distinct names.
std::string prefixed(std::string_view text, std::string_view prefix);

/// The comment that ends a line with an operation's expression, so that an error there names the operation.
std::string signature(const Op& op);

/// User-written GLSL of an operation, as text `number` for the compiler: its errors give the number and the
/// author's line numbers. `part` names its origin: "glsl_functions".
std::string text_of(const Op& op, std::string_view part, std::string_view text, int number);

/// Throws hekla::Error `[op] ...` when the GLSL of its author contains a `$`, which prefixed() would replace.
void check_glsl(const Op& op);

/// The GLSL functions that the operations of the bodies call, each emitted once, as a text of its own.
std::string library_functions(const std::vector<const Body*>& bodies);

}  // namespace hekla::vulkan
