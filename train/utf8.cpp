// See utf8.h.
#include "train/utf8.h"

namespace hekla {

CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  const CodePoint malformed{first, 1, false};
  if (first < 0x80) return {first, 1, true};
  if (first < 0xc2 || first > 0xf4) return malformed;
  const std::size_t bytes = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < bytes) return malformed;
  // The second byte tells overlong forms, surrogates and what is too large from the rest.
  const int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < lowest || byte(1) > highest) return malformed;
  std::uint32_t value = first & (0x7fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if (byte(i) >> 6 != 2) return malformed;
    value = value << 6 | (byte(i) & 0x3fu);
  }
  return {value, bytes, true};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint first = first_code_point(text);
    if (!first.is_well_formed) return false;
    text.remove_prefix(first.bytes);
  }
  return true;
}

}  // namespace hekla
