// See text_width.h.
#include "train/text_width.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace hekla {

namespace {

struct Character {
  std::uint32_t code;
  std::size_t bytes;
};

Character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = lead < 0x80       ? 1
                            : lead >> 5 == 6  ? 2
                            : lead >> 4 == 14 ? 3
                            : lead >> 3 == 30 ? 4
                                              : 0;
  if (bytes == 0 || bytes > text.size()) return {lead, 1};
  std::uint32_t code = bytes == 1 ? lead : lead & (0xffu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >> 6 != 2) return {lead, 1};
    code = code << 6 | (byte & 0x3fu);
  }
  return {code, bytes};
}

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
    const Character character = first_of(text);
    width += width_of(character.code);
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::size_t fitting_bytes(std::string_view text, int columns) {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const Character character = first_of(text.substr(bytes));
    columns -= width_of(character.code);
    if (columns < 0) break;
    bytes += character.bytes;
  }
  return bytes;
}

}  // namespace hekla
