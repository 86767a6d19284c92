// The text of an operation's author (Op::glsl), which every device that generates code prints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graph/op.h"

namespace hekla::backend {

/// `pattern` with {0}, {1}, ... replaced by the operands and {T} by `type`.
std::string substitute(std::string_view pattern, const std::vector<std::string>& operands,
                       const std::string& type);

/// A number as a literal of a dtype, in GLSL or, where floats have the suffix "f", in C++. Supports infinities and NaN.
std::string literal(double number, DType dtype, std::string_view float_suffix = {});

/// Throws hekla::Error `[op] ...` when the GLSL of its author contains a `$`, which Code::with_prefix would replace.
void check_glsl(const Op& op);

}  // namespace hekla::backend
