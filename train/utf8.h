// The code points of a UTF-8 text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hekla {

/// What a text begins with.
struct CodePoint {
  std::uint32_t value;  ///< the byte itself where it is no UTF-8
  std::size_t bytes;    ///< how many it takes; 1 where it is no UTF-8
  bool is_well_formed;
};

/// The first code point of a text that is not empty. Well-formed is what the Unicode Standard (table 3-7) says:
/// no overlong forms, no surrogates, nothing beyond U+10FFFF.
CodePoint first_code_point(std::string_view text);

/// True for a text of well-formed code points only.
bool is_utf8(std::string_view text);

}  // namespace hekla
