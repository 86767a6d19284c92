#include "backends/native/body.h"

#include <fmt/format.h>

#include <algorithm>

#include "backends/common/pattern.h"
#include "backends/native/cplusplus.h"

namespace hekla::native {

namespace {

// Iterations of a fold that are printed one after another, so that a loop around it is vectorized.
constexpr std::int64_t most_unrolled = 4;

}  // namespace

std::string indent(int depth) { return std::string(static_cast<std::size_t>(depth) * 2, ' '); }

std::string axis_name(int axis) { return fmt::format("i{}", axis); }

std::string applied(const Op& op, const std::vector<std::string>& operands, DType result) {
  return backend::substitute(cplusplus_of(op.glsl), operands, type_name(result));
}

// Memory

std::string Memory::name_of(int slot) {
  const auto found = std::ranges::find(used_, slot);
  const auto number = found - used_.begin();
  if (found == used_.end()) used_.push_back(slot);
  return fmt::format("m{}", number);
}

std::string Memory::pointer(int operand) {
  return name_of(kernel_.operands[static_cast<std::size_t>(operand)]);
}

std::string Memory::load(int operand, const Index& index, const std::string& text, bool is_safe) {
  const int slot = kernel_.operands[static_cast<std::size_t>(operand)];
  const Slot& memory = slots_[static_cast<std::size_t>(slot)];
  const std::string element = fmt::format("{}[{}]", name_of(slot), text);
  std::string value = element;
  switch (memory.dtype) {
    case DType::f16:
      value = fmt::format("hk_from_f16({})", element);
      break;
    case DType::bf16:
      value = fmt::format("hk_from_bf16({})", element);
      break;
    case DType::boolean:
      value = fmt::format("({} != 0u)", element);
      break;
    case DType::u8:
      value = fmt::format("uint({})", element);
      break;
    default:
      break;
  }
  // A view with bounds asks for elements beyond them, too, and takes its fill instead.
  if (is_safe || (index.low() >= 0 && index.high() < memory.count)) return value;
  return fmt::format("(ulong({}) < {}ull ? {} : {})", text, memory.count, value, literal(0, memory.dtype));
}

std::string Memory::store(const Store& store, const std::string& index, const std::string& value) {
  std::string stored = value;
  if (store.dtype == DType::f16) stored = fmt::format("hk_to_f16_bits({})", value);
  if (store.dtype == DType::bf16) stored = fmt::format("hk_to_bf16_bits({})", value);
  if (store.dtype == DType::u8) stored = fmt::format("uchar({})", value);
  if (store.dtype == DType::boolean) stored = fmt::format("({} ? 1u : 0u)", value);
  return fmt::format("{}[{}] = {};", name_of(store.slot), index, stored);
}

std::string Memory::declarations() const {
  std::string text;
  for (std::size_t i = 0; i < used_.size(); ++i) {
    const bool is_written =
        std::ranges::any_of(kernel_.stores, [&](const Store& store) { return store.slot == used_[i]; });
    text += fmt::format("  {0}{1}* __restrict m{2} = ({0}{1}*)m[{2}];\n", is_written ? "" : "const ",
                        memory_type(slots_[static_cast<std::size_t>(used_[i])].dtype), i);
  }
  return text;
}

// Statements

std::string BodyPrinter::value(int number) const {
  const Scalar& scalar = body_.values[static_cast<std::size_t>(number)];
  if (scalar.kind == Scalar::Kind::constant) return literal(scalar.number, scalar.dtype);
  return fmt::format("{}{}", around_.prefix, number);
}

std::string BodyPrinter::index(const Index& expression) const {
  return to_string(expression, [&](const Index::Atom& atom) -> std::string {
    switch (atom.kind) {
      case Index::Atom::Kind::axis:
        return axis_name(atom.id);
      case Index::Atom::Kind::computed: {
        // Clamped in its own type, because a large unsigned number is not negative.
        const std::string picked = value(atom.id);
        return body_.values[static_cast<std::size_t>(atom.id)].dtype == DType::u32
                   ? fmt::format("long(min({}, {}u))", picked, atom.high)
                   : fmt::format("long(clamp({}, 0, {}))", picked, atom.high);
      }
      case Index::Atom::Kind::quotient:
        // 32 bits are divided more quickly; negative numerators occur only where the result is not used.
        return fmt::format("long(uint({}) / {}u)", index(atom.inner), atom.divisor);
      case Index::Atom::Kind::remainder:
        return fmt::format("long(uint({}) % {}u)", index(atom.inner), atom.divisor);
      case Index::Atom::Kind::clamp:
        return fmt::format("clamp({}, {}l, {}l)", index(atom.inner), atom.low, atom.high);
      case Index::Atom::Kind::iteration:
        return fmt::format("long(iterations[{}])", atom.id);
    }
    return "?";
  });
}

std::string BodyPrinter::condition(int inside) const {
  std::string condition;
  for (const View::Bound& bound : body_.values[static_cast<std::size_t>(inside)].bounds) {
    const std::string at = fmt::format("({})", index(bound.value));
    const auto require = [&](const std::string& text) {
      condition += (condition.empty() ? "" : " && ") + text;
    };
    if (bound.value.low() < bound.low) require(fmt::format("{} >= {}", at, bound.low));
    if (bound.value.high() >= bound.high) require(fmt::format("{} < {}", at, bound.high));
    if (bound.step != 1) require(fmt::format("uint({} - {}) % {}u == 0u", at, bound.low, bound.step));
  }
  return condition.empty() ? "true" : condition;
}

void BodyPrinter::assume_inside(int inside) {
  assumed_ = inside;
  const int argument = body_.values[static_cast<std::size_t>(inside)].arguments[0];
  const bool is_load = body_.values[static_cast<std::size_t>(argument)].kind == Scalar::Kind::load;
  const auto uses = std::ranges::count_if(body_.values, [&](const Scalar& scalar) {
    return std::ranges::find(scalar.arguments, argument) != scalar.arguments.end();
  });
  if (is_load && uses == 1) safe_load_ = argument;
}

std::string BodyPrinter::expression(int number) const {
  const Scalar& scalar = body_.values[static_cast<std::size_t>(number)];
  switch (scalar.kind) {
    case Scalar::Kind::constant:
      return literal(scalar.number, scalar.dtype);
    case Scalar::Kind::index:
      // A conversion from 32 bits is a single instruction.
      return is_float(scalar.dtype) ? fmt::format("float(int({}))", index(scalar.index))
                                    : fmt::format("{}({})", type_name(scalar.dtype), index(scalar.index));
    case Scalar::Kind::load:
      return memory_.load(scalar.operand, scalar.index, index(scalar.index), number == safe_load_);
    case Scalar::Kind::inside: {
      const std::string element = value(scalar.arguments[0]);
      if (number == assumed_) return element;
      return fmt::format("({} ? {} : {})", condition(number), element, literal(scalar.number, scalar.dtype));
    }
    case Scalar::Kind::anchor:
      return around_.anchor;
    case Scalar::Kind::apply: {
      std::vector<std::string> operands;
      for (const int argument : scalar.arguments) operands.push_back(value(argument));
      return applied(*scalar.op, operands, scalar.dtype);
    }
    case Scalar::Kind::fold:
      break;
  }
  return "?";
}

void BodyPrinter::print_fold(int number, int depth, Code& code) {
  const Scalar& scalar = body_.values[static_cast<std::size_t>(number)];
  const bool has_loops = std::ranges::any_of(scalar.block, [&](int inner) { return is_loop(inner); });
  code += fold(value(number), *scalar.op, scalar.dtype, scalar.axis, scalar.extent, has_loops, depth,
               [&](Code& inside_loop, int inner_depth) {
                 for (const int inner : scalar.block) print(inner, inner_depth, inside_loop);
                 return value(scalar.arguments[0]);
               });
}

void BodyPrinter::print(int number, int depth, Code& code) {
  const Scalar& scalar = body_.values[static_cast<std::size_t>(number)];
  if (scalar.kind == Scalar::Kind::constant) return;  // written where it is used
  if (scalar.kind == Scalar::Kind::fold) return print_fold(number, depth, code);
  const std::string statement = fmt::format("{}const {} {} = {};", indent(depth), type_name(scalar.dtype),
                                            value(number), expression(number));
  if (scalar.kind == Scalar::Kind::apply) return code.add_expression(statement, *scalar.op);
  code += statement + "\n";
}

Code BodyPrinter::statements(int depth, const std::function<bool(int)>& wanted) {
  Code code = cplusplus();
  for (const int number : body_.order) {
    if (!wanted || wanted(number)) print(number, depth, code);
  }
  return code;
}

bool BodyPrinter::is_loop(int number) const {
  const Scalar& scalar = body_.values[static_cast<std::size_t>(number)];
  return scalar.kind == Scalar::Kind::fold &&
         (scalar.extent > most_unrolled ||
          std::ranges::any_of(scalar.block, [&](int inner) { return is_loop(inner); }));
}

bool BodyPrinter::has_loops(const std::function<bool(int)>& wanted) const {
  return std::ranges::any_of(body_.order,
                             [&](int number) { return (!wanted || wanted(number)) && is_loop(number); });
}

Code fold(const std::string& target, const Op& op, DType dtype, int axis, std::int64_t length, bool has_loops,
          int depth, const std::function<std::string(Code& code, int indentation)>& element) {
  const std::string type = type_name(dtype), place = axis_name(axis);
  const std::string start = literal(*op.identity, dtype);
  Code code = cplusplus();
  const auto combine = [&](const std::string& left, const std::string& right, int indentation) {
    code.add_expression(
        fmt::format("{}{} = {};", indent(indentation), left, applied(op, {left, right}, dtype)), op);
  };
  if (length <= most_unrolled) {
    code += fmt::format("{}{} {} = {};\n", indent(depth), type, target, start);
    for (std::int64_t i = 0; i < length; ++i) {
      code += fmt::format("{0}{{\n{0}  const long {1} = {2};\n", indent(depth), place, i);
      const std::string value = element(code, depth + 1);
      combine(target, value, depth + 1);
      code += indent(depth) + "}\n";
    }
    return code;
  }
  if (has_loops || length < 2 * fold_lanes) {
    code += fmt::format("{}{} {} = {};\n", indent(depth), type, target, start);
    code += fmt::format("{0}for (long {1} = 0; {1} < {2}; ++{1}) {{\n", indent(depth), place, length);
    const std::string value = element(code, depth + 1);
    combine(target, value, depth + 1);
    code += indent(depth) + "}\n";
    return code;
  }
  const std::string lanes = target + "_lanes";
  const std::int64_t whole = length / fold_lanes * fold_lanes;
  code += fmt::format("{}{} {}[{}];\n", indent(depth), type, lanes, fold_lanes);
  code += fmt::format("{}for (long lane = 0; lane < {}; ++lane) {}[lane] = {};\n", indent(depth), fold_lanes,
                      lanes, start);
  code +=
      fmt::format("{0}for (long base = 0; base < {1}; base += {2}) {{\n", indent(depth), whole, fold_lanes);
  code += "HK_SIMD\n";
  code += fmt::format("{0}for (long lane = 0; lane < {1}; ++lane) {{\n{0}  const long {2} = base + lane;\n",
                      indent(depth + 1), fold_lanes, place);
  std::string value = element(code, depth + 2);
  combine(lanes + "[lane]", value, depth + 2);
  code += indent(depth + 1) + "}\n" + indent(depth) + "}\n";
  if (whole < length) {
    code += fmt::format("{0}for (long lane = 0; lane < {1}; ++lane) {{\n{0}  const long {2} = {3} + lane;\n",
                        indent(depth), length - whole, place, whole);
    value = element(code, depth + 1);
    combine(lanes + "[lane]", value, depth + 1);
    code += indent(depth) + "}\n";
  }
  code += fmt::format(
      "{0}for (long apart = {1}; apart > 0; apart /= 2) {{\n"
      "{0}  for (long lane = 0; lane < apart; ++lane) {{\n",
      indent(depth), fold_lanes / 2);
  combine(lanes + "[lane]", lanes + "[lane + apart]", depth + 2);
  code += fmt::format("{0}  }}\n{0}}}\n{0}const {1} {2} = {3}[0];\n", indent(depth), type, target, lanes);
  return code;
}

}  // namespace hekla::native
