// Printer of scalar programs (graph/compiler/kernel.h) as C++ statements, one element at a time: the C++ compiler
// vectorizes the loops around them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "backends/common/code.h"
#include "graph/compiler/kernel.h"
#include "graph/compiler/memory.h"

namespace hekla::native {

using namespace compiler;
using backend::Code;
using backend::LineNames;

/// An empty text of C++.
inline Code cplusplus() { return Code(LineNames::strings); }

/// The memory that a kernel touches, as pointers m0, m1, .. in the order of their first use.
class Memory {
 public:
  Memory(const Kernel& kernel, const std::vector<Slot>& slots) : kernel_(kernel), slots_(slots) {}

  /// The expression of an element of an operand. Outside of its memory it is 0, which is checked where `index` may be
  /// there and not `is_safe`.
  std::string load(int operand, const Index& index, const std::string& text, bool is_safe);
  /// The statement that stores `value`.
  std::string store(const Store& store, const std::string& index, const std::string& value);
  /// The pointer to an operand's memory.
  std::string pointer(int operand);

  /// The statements that declare the pointers, from `m`, the array of all of them.
  std::string declarations() const;
  /// The slots, in the order of the pointers.
  const std::vector<int>& slots() const { return used_; }

 private:
  std::string name_of(int slot);

  const Kernel& kernel_;
  const std::vector<Slot>& slots_;
  std::vector<int> used_;
};

struct Surroundings {
  std::string prefix = "v";       // of variable names
  std::string anchor = "anchor";  // the variable that holds the anchor's value
};

/// The blanks before a statement.
std::string indent(int depth);

/// The C++ name of an axis.
std::string axis_name(int axis);

/// Axes as a set of bits.
constexpr std::uint64_t bit(int axis) { return std::uint64_t{1} << axis; }

class BodyPrinter {
 public:
  BodyPrinter(const Body& body, Memory& memory, Surroundings surroundings = {})
      : body_(body), memory_(memory), around_(std::move(surroundings)) {}

  /// Statements for the values of the body's outermost level, `wanted` by position or all.
  Code statements(int indentation, const std::function<bool(int)>& wanted = {});
  /// The condition under which a value of the kind `inside` is its argument.
  std::string condition(int inside) const;
  /// From here on that condition is known to hold: it is not printed, nor are the checks of a load that serves this value
  /// alone.
  void assume_inside(int inside);
  /// Whether any of these statements is a loop.
  bool has_loops(const std::function<bool(int)>& wanted = {}) const;
  std::string value(int number) const;
  std::string index(const Index& index) const;

 private:
  bool is_loop(int value) const;
  void print(int value, int indentation, Code& code);
  void print_fold(int value, int indentation, Code& code);
  std::string expression(int value) const;

  const Body& body_;
  Memory& memory_;
  Surroundings around_;
  int assumed_ = -1;    // a value of the kind `inside`
  int safe_load_ = -1;  // its argument
};

/// A fold of `length` elements along `axis` into the new variable `target`: several partial results side by side, in an
/// order that depends on the length alone. `element` prints the statements of an element and returns its value.
Code fold(const std::string& target, const Op& op, DType dtype, int axis, std::int64_t length, bool has_loops,
          int indentation, const std::function<std::string(Code& code, int indentation)>& element);

/// `pattern` of an operation in C++.
std::string applied(const Op& op, const std::vector<std::string>& operands, DType result);

/// How many partial results a fold keeps side by side.
constexpr std::int64_t fold_lanes = 16;

}  // namespace hekla::native
