// How many columns of a terminal a UTF-8 text takes.
#pragma once

#include <string_view>

namespace hekla {

/// Two for East Asian wide characters (Unicode Standard Annex 11), none for combining marks that follow a
/// letter, one for others. Bytes that are no UTF-8 count one each.
int text_width(std::string_view text);

/// Bytes of the longest prefix of `text` that fits in `columns`; never splits a character.
std::size_t fitting_bytes(std::string_view text, int columns);

}  // namespace hekla
