#include "backends/common/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

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

std::string literal(double number, DType dtype, std::string_view float_suffix) {
  switch (dtype) {
    case DType::f32:
    case DType::f16:
    case DType::bf16: {
      const auto value = static_cast<float>(number);
      if (std::isnan(value)) return "uintBitsToFloat(0x7fc00000u)";
      if (std::isinf(value))
        return value > 0 ? "uintBitsToFloat(0x7f800000u)" : "uintBitsToFloat(0xff800000u)";
      std::string text = fmt::format("{}", value);
      if (text.find_first_of(".e") == std::string::npos) text += ".0";
      text += float_suffix;
      return std::signbit(value) ? "(" + text + ")" : text;
    }
    case DType::i32: {
      if (number <= -2147483648.0) return "(-2147483647 - 1)";
      const auto value = static_cast<std::int64_t>(std::min(number, 2147483647.0));
      return value < 0 ? fmt::format("({})", value) : fmt::format("{}", value);
    }
    case DType::u32:
    case DType::u8:
      return fmt::format("{}u", static_cast<std::uint32_t>(std::clamp(number, 0.0, 4294967295.0)));
    case DType::boolean:
      return number != 0 ? "true" : "false";
  }
  return "?";
}

void check_glsl(const Op& op) {
  const std::string_view body = op.kernel != nullptr ? op.kernel->body : std::string_view();
  for (const std::string_view text : {op.glsl, op.glsl_functions, body}) {
    if (text.find('$') != std::string_view::npos)
      throw Error(fmt::format("[{}] its GLSL has a '$', which is no character of GLSL; remove it.", op.name));
  }
}

}  // namespace hekla::backend
