// See text_width.h.
#include "train/text_width.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "train/utf8.h"

namespace hekla {

namespace {

int width_of(std::uint32_t code) {
  constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 9> wide{{{0x1100, 0x115f},
                                                                         {0x2e80, 0x303e},
                                                                         {0x3041, 0x33ff},
                                                                         {0x3400, 0x4dbf},
                                                                         {0x4e00, 0x9fff},
                                                                         {0xac00, 0xd7a3},
                                                                         {0xf900, 0xfaff},
                                                                         {0xff00, 0xff60},
                                                                         {0x1f300, 0x1faff}}};
  if (code >= 0x300 && code <= 0x36f) return 0;
  const bool is_wide = std::any_of(wide.begin(), wide.end(), [&](const auto& range) {
    return code >= range.first && code <= range.second;
  });
  return is_wide ? 2 : 1;
}

}  // namespace

int text_width(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const CodePoint character = first_code_point(text);
    width += width_of(character.value);
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::size_t fitting_bytes(std::string_view text, int columns) {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const CodePoint character = first_code_point(text.substr(bytes));
    columns -= width_of(character.value);
    if (columns < 0) break;
    bytes += character.bytes;
  }
  return bytes;
}

}  // namespace hekla
