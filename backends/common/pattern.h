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

/// Throws hekla::Error `[op] ...` when the GLSL of its author contains a `$`, which Code::with_prefix would replace.
void check_glsl(const Op& op);

}  // namespace hekla::backend
