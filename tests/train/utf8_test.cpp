// Code points of UTF-8, the widths of texts, and what is no UTF-8.
#include "train/utf8.h"

#include <doctest/doctest.h>

#include "train/files/source.h"
#include "train/text_width.h"

using namespace hekla;

TEST_CASE("utf8: code points") {
  const auto check = [](std::string_view text, std::uint32_t value, std::size_t bytes) {
    const CodePoint found = first_code_point(text);
    CHECK(found.value == value);
    CHECK(found.bytes == bytes);
    CHECK(found.is_well_formed);
  };
  check("ab", 'a', 1);
  check("\xc3\xb6x", 0xf6, 2);
  check("\xe2\x82\xac", 0x20ac, 3);
  check("\xed\x9f\xbf", 0xd7ff, 3);
  check("\xf0\x9f\x98\x80", 0x1f600, 4);
  check("\xf4\x8f\xbf\xbf", 0x10ffff, 4);
}

TEST_CASE("utf8: overlong forms, surrogates, lone and missing bytes, what is too large") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("ö€패😀"));
  for (const std::string_view text :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xe2\x82", "\xe2\x82(",
        "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    CHECK(!is_utf8(text));
    const CodePoint first = first_code_point(text);
    CHECK(first.bytes == 1);
    CHECK(first.value == static_cast<std::uint8_t>(text[0]));
  }
}

TEST_CASE("utf8: widths and beginnings of texts") {
  CHECK(text_width("Dense") == 5);
  CHECK(text_width("패션 A") == 6);
  CHECK(text_width("e\xcc\x81") == 1);
  CHECK(text_width("\xff") == 1);
  CHECK(fitting_bytes("패션", 3) == 3);
  CHECK(files::in_quotes(std::string(79, 'a') + "ö") == "'" + std::string(79, 'a') + "...'");
  CHECK(files::in_quotes(std::string(78, 'a') + "ö") == "'" + std::string(78, 'a') + "ö'");
}
