// Code: generated text that knows which operation each line comes from, so that a compiler's error can name it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graph/op.h"

namespace hekla::backend {

/// The table from the lines of a shader to the operations whose GLSL they are. Lines are counted from 1.
struct SourceMap {
  /// A text that the compiler numbers for itself, from a #line directive on.
  struct Text {
    int number;
    int first_line;
    const Op* op = nullptr;      // its author; null for generated code
    std::string_view part = {};  // "glsl_functions", "kernel's body"
  };
  struct Expression {
    int line;
    const Op* op;
  };
  std::vector<Text> texts = {};
  std::vector<Expression> expressions = {};  // in generated code, by line

  struct Place {
    int line = 0;  // of the shader
    int line_of_text = 0;
    const Op* op = nullptr;  // null where no operation wrote the line
    std::string_view part = {};
  };
  /// What a compiler calls line `line` of text `number`.
  Place at(int number, int line) const;
};

/// Line `number` of a text, counted from 1; empty where there is none.
std::string_view line_of(std::string_view text, int number);

/// How #line names a text: GLSL by a number, C++ by a string.
enum class LineNames { numbers, strings };

class Code {
 public:
  explicit Code(LineNames names = LineNames::numbers) : names_(names) {}
  Code& operator+=(std::string_view text);
  Code& operator+=(const Code& code);
  /// Adds `text`, which contains an expression of `op`; it ends its line.
  void add_expression(std::string_view text, const Op& op);
  /// Adds what a user has written as text `number`: the compiler's errors give the number and the author's line.
  void add_text_of(const Op& op, std::string_view part, std::string_view text, int number);
  /// What follows is generated code, text `number`.
  void begin_text(int number);

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }
  const SourceMap& map() const { return map_; }
  /// The same code with every `$` replaced by `prefix`. `$` is not a GLSL character: it marks the names that a
  /// kernel defines, so that kernels in one shader have distinct names.
  Code with_prefix(std::string_view prefix) const;

 private:
  LineNames names_;
  std::string text_;
  int lines_ = 0;  // ended so far
  SourceMap map_;
};

}  // namespace hekla::backend
