// The GLSL printer of scalar programs.
#include "backends/vulkan/glsl.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/error.h"

namespace hekla::vulkan {

namespace {

constexpr const char* component_names = "xyzw";

std::string indent(int depth) { return std::string(static_cast<std::size_t>(depth) * 2, ' '); }

}  // namespace

std::string type_name(DType dtype, bool in_quads) {
  switch (dtype) {
    case DType::f32:
    case DType::f16:
    case DType::bf16:
      return in_quads ? "vec4" : "float";
    case DType::i32:
      return in_quads ? "ivec4" : "int";
    case DType::u32:
    case DType::u8:
      return in_quads ? "uvec4" : "uint";
    case DType::boolean:
      return in_quads ? "bvec4" : "bool";
  }
  return "?";
}

bool is_factor(std::string_view pattern, std::size_t number) {
  const auto is_sign = [](char c) { return c == '*' || c == '/'; };
  const std::string hole = fmt::format("{{{}}}", number);
  for (std::size_t at = pattern.find(hole); at != pattern.npos; at = pattern.find(hole, at + 1)) {
    const std::size_t before = at == 0 ? pattern.npos : pattern.find_last_not_of(' ', at - 1);
    const std::size_t after = pattern.find_first_not_of(' ', at + hole.size());
    if (before != pattern.npos && is_sign(pattern[before])) return true;
    if (after != pattern.npos && is_sign(pattern[after])) return true;
  }
  return false;
}

Code library_functions(const std::vector<const Body*>& bodies) {
  std::vector<std::string_view> printed;
  Code code;
  int number = 1;
  for (const Body* body : bodies) {
    for (const Scalar& scalar : body->values) {
      if (scalar.op == nullptr) continue;
      check_glsl(*scalar.op);
      if (scalar.op->glsl_functions.empty()) continue;
      if (std::find(printed.begin(), printed.end(), scalar.op->glsl_functions) != printed.end()) continue;
      printed.push_back(scalar.op->glsl_functions);
      code.add_text_of(*scalar.op, "glsl_functions", scalar.op->glsl_functions, number++);
    }
  }
  if (!code.empty()) code.begin_text(number);
  return code;
}

std::string hidden(std::string_view value) {
  return fmt::format("uintBitsToFloat(floatBitsToUint({}) | gl_WorkGroupID.z)", value);
}

BodyPrinter::BodyPrinter(const Body& body, Surroundings surroundings)
    : body_(body), around_(std::move(surroundings)) {
  // Bodies that differ in their constants alone, or in where these stand, have equal names.
  int number = 0;
  for (const Scalar& scalar : body_.values)
    numbers_.push_back(scalar.kind == Scalar::Kind::constant ? number : number++);
  if (!around_.hide_zeros) return;
  const auto is_outside_of_invocation = [&](const Index& index) {
    return (index.axes() & around_.invocation_axes) == 0;
  };
  for (const Scalar& scalar : body_.values) {
    const auto all_arguments = [&] {
      return std::ranges::all_of(scalar.arguments, [&](int argument) { return may_be_constant(argument); });
    };
    switch (scalar.kind) {
      case Scalar::Kind::constant:
        may_be_constant_.push_back(true);
        break;
      case Scalar::Kind::load:
      case Scalar::Kind::anchor:
        may_be_constant_.push_back(false);
        break;
      case Scalar::Kind::index:
        may_be_constant_.push_back(is_outside_of_invocation(scalar.index));
        break;
      case Scalar::Kind::inside:
        may_be_constant_.push_back(all_arguments() ||
                                   std::ranges::any_of(scalar.bounds, [&](const View::Bound& bound) {
                                     return is_outside_of_invocation(bound.value);
                                   }));
        break;
      case Scalar::Kind::apply:
      case Scalar::Kind::fold:
        may_be_constant_.push_back(all_arguments());
        break;
    }
  }
}

bool BodyPrinter::may_be_constant(int value) const {
  return !may_be_constant_.empty() && may_be_constant_[static_cast<std::size_t>(value)];
}

// A value where a driver may multiply by it.
std::string BodyPrinter::factor(int value, int which) const {
  const Scalar& scalar = body_.values[static_cast<std::size_t>(value)];
  const std::string text = component(value, which);
  if (!is_float(scalar.dtype) || !may_be_constant(value)) return text;
  if (scalar.kind != Scalar::Kind::constant) return hidden(text);
  if (scalar.number != 0) return text;
  return std::signbit(scalar.number) ? "-hk_zero" : "hk_zero";
}

bool BodyPrinter::is_quad_value(int value) const {
  return body_.values[static_cast<std::size_t>(value)].varies >> component_axis & 1;
}

std::string BodyPrinter::name(int value) const {
  for (const auto& [renamed, new_name] : renamed_) {
    if (renamed == value) return new_name;
  }
  return fmt::format("{}{}", around_.prefix, numbers_[static_cast<std::size_t>(value)]);
}

void BodyPrinter::rename(int value, std::string name) { renamed_.emplace_back(value, std::move(name)); }

std::string BodyPrinter::whole(int value) const {
  const Scalar& scalar = body_.values[static_cast<std::size_t>(value)];
  if (scalar.kind == Scalar::Kind::constant) return literal(scalar.number, scalar.dtype);
  return name(value);
}

std::string BodyPrinter::component(int value, int which) const {
  return is_quad_value(value) ? whole(value) + "." + component_names[which] : whole(value);
}

std::string BodyPrinter::index(const Index& expression, int component_number) const {
  return to_string(expression, [&](const Index::Atom& atom) -> std::string {
    switch (atom.kind) {
      case Index::Atom::Kind::axis:
        if (atom.id == component_axis) return fmt::format("{}", component_number);
        return around_.axis_name(atom.id);
      case Index::Atom::Kind::computed: {
        // Clamped in its own type, because a large unsigned number is not negative.
        const std::string picked = component(atom.id, component_number);
        return body_.values[static_cast<std::size_t>(atom.id)].dtype == DType::u32
                   ? fmt::format("int(min({}, {}u))", picked, atom.high)
                   : fmt::format("clamp({}, 0, {})", picked, atom.high);
      }
      case Index::Atom::Kind::quotient:
        // Unsigned division is cheaper; negative numerators occur only in clamped expressions.
        return fmt::format("int(uint({}) / {}u)", index(atom.inner, component_number), atom.divisor);
      case Index::Atom::Kind::remainder:
        return fmt::format("int(uint({}) % {}u)", index(atom.inner, component_number), atom.divisor);
      case Index::Atom::Kind::clamp:
        return fmt::format("clamp({}, {}, {})", index(atom.inner, component_number), atom.low, atom.high);
      case Index::Atom::Kind::iteration:
        return fmt::format("hk_iterations.{}", component_names[atom.id]);
    }
    return "?";
  });
}

std::string BodyPrinter::inside(const Scalar& scalar, int which) const {
  std::string condition;
  for (const View::Bound& bound : scalar.bounds) {
    const std::string value = fmt::format("({})", index(bound.value, which));
    const auto require = [&](const std::string& text) {
      condition += (condition.empty() ? "" : " && ") + text;
    };
    if (bound.value.low() < bound.low) require(fmt::format("{} >= {}", value, bound.low));
    if (bound.value.high() >= bound.high) require(fmt::format("{} < {}", value, bound.high));
    // Unsigned is safe: for a negative value the first condition fails anyway.
    if (bound.step != 1) require(fmt::format("uint({} - {}) % {}u == 0u", value, bound.low, bound.step));
  }
  const std::string element = component(scalar.arguments[0], which);
  if (condition.empty()) return element;
  return fmt::format("({} ? {} : {})", condition, element, literal(scalar.number, scalar.dtype));
}

std::string BodyPrinter::operand(const Scalar& applied, std::size_t number, int which) const {
  // What a function does with its arguments is not looked into.
  const bool may_be_factor =
      is_factor(applied.op->glsl, number) || (applied.op->arity > 1 && !applied.op->glsl_functions.empty());
  const int argument = applied.arguments[number];
  return may_be_factor ? factor(argument, which) : component(argument, which);
}

std::string BodyPrinter::expression(const Scalar& scalar, int which) const {
  const std::string type = type_name(scalar.dtype, false);
  switch (scalar.kind) {
    case Scalar::Kind::constant:
      return literal(scalar.number, scalar.dtype);
    case Scalar::Kind::index:
      return fmt::format("{}({})", type, index(scalar.index, which));
    case Scalar::Kind::load:
      return fmt::format("{}({})", around_.load(scalar.operand, false), index(scalar.index, which));
    case Scalar::Kind::inside:
      return inside(scalar, which);
    case Scalar::Kind::anchor:
      return around_.anchor_is_quad ? fmt::format("{}.{}", around_.anchor, component_names[which])
                                    : around_.anchor;
    case Scalar::Kind::apply: {
      std::vector<std::string> operands;
      for (std::size_t k = 0; k < scalar.arguments.size(); ++k) operands.push_back(operand(scalar, k, which));
      return substitute(scalar.op->glsl, operands, type);
    }
    case Scalar::Kind::fold:
      break;
  }
  return "?";
}

std::string loop_over(const std::string& axis, std::int64_t extent, std::int64_t max_unrolled) {
  return fmt::format("{0}for (int {1} = 0; {1} < {2}; ++{1}) {{",
                     extent > max_unrolled ? "[[dont_unroll]] " : "", axis, extent);
}

void BodyPrinter::print_fold(int value, int depth, Code& code) {
  const Scalar& scalar = body_.values[static_cast<std::size_t>(value)];
  const bool quads = is_quad_value(value);
  const std::string type = type_name(scalar.dtype, quads);
  const std::string axis = around_.axis_name(scalar.axis);
  code += fmt::format("{}{} {} = {}({});\n", indent(depth), type, name(value), type,
                      literal(scalar.number, scalar.dtype));
  code += fmt::format("{}{}\n", indent(depth), loop_over(axis, scalar.extent, around_.max_unrolled));
  for (const int inner : scalar.block) print(inner, depth + 1, code);
  for (int c = 0; c < (quads ? quad : 1); ++c) {
    const std::string target = component(value, c);
    const std::string combined = substitute(scalar.op->glsl, {target, component(scalar.arguments[0], c)},
                                            type_name(scalar.dtype, false));
    code.add_expression(fmt::format("{}{} = {};", indent(depth + 1), target, combined), *scalar.op);
  }
  code += indent(depth) + "}\n";
}

void BodyPrinter::print(int value, int depth, Code& code) {
  const Scalar& scalar = body_.values[static_cast<std::size_t>(value)];
  if (scalar.kind == Scalar::Kind::constant) return;  // written where it is used
  if (scalar.kind == Scalar::Kind::fold) return print_fold(value, depth, code);
  const bool quads = is_quad_value(value);
  std::string right;
  Index at;
  if (!quads) {
    right = expression(scalar, 0);
  } else if (scalar.kind == Scalar::Kind::load && is_quad(scalar.index, at)) {
    right = fmt::format("{}({})", around_.load(scalar.operand, true), index(at, 0));
  } else if (scalar.kind == Scalar::Kind::anchor && around_.anchor_is_quad) {
    right = around_.anchor;
  } else {
    for (int c = 0; c < quad; ++c) right += (c == 0 ? "" : ", ") + expression(scalar, c);
    right = fmt::format("{}({})", type_name(scalar.dtype, true), right);
  }
  const std::string statement =
      fmt::format("{}{} {} = {};", indent(depth), type_name(scalar.dtype, quads), name(value), right);
  if (scalar.kind == Scalar::Kind::apply) return code.add_expression(statement, *scalar.op);
  code += statement + "\n";
}

Code BodyPrinter::statements(int depth, const std::function<bool(int)>& wanted) {
  Code code;
  for (const int value : body_.order) {
    if (!wanted || wanted(value)) print(value, depth, code);
  }
  return code;
}

}  // namespace hekla::vulkan
