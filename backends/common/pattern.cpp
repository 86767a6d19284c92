#include "backends/common/pattern.h"

#include <fmt/format.h>

#include "graph/error.h"

namespace hekla::backend {

std::string substitute(std::string_view pattern, const std::vector<std::string>& operands,
                       const std::string& type) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '{' || i + 2 >= pattern.size() || pattern[i + 2] != '}') {
      text += pattern[i];
      continue;
    }
    const char which = pattern[i + 1];
    if (which == 'T') {
      text += type;
    } else {
      text += operands.at(static_cast<std::size_t>(which - '0'));
    }
    i += 2;
  }
  return text;
}

void check_glsl(const Op& op) {
  const std::string_view body = op.kernel != nullptr ? op.kernel->body : std::string_view();
  for (const std::string_view text : {op.glsl, op.glsl_functions, body}) {
    if (text.find('$') != std::string_view::npos)
      throw Error(fmt::format("[{}] its GLSL has a '$', which is no character of GLSL; remove it.", op.name));
  }
}

}  // namespace hekla::backend
