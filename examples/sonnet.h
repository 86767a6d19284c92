// The text of the two examples that learn to write, and its characters as numbers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// William Shakespeare, Sonnet 18 (1609).
inline constexpr std::string_view sonnet =
    "Shall I compare thee to a summer's day?\n"
    "Thou art more lovely and more temperate:\n"
    "Rough winds do shake the darling buds of May,\n"
    "And summer's lease hath all too short a date:\n"
    "Sometime too hot the eye of heaven shines,\n"
    "And often is his gold complexion dimm'd;\n"
    "And every fair from fair sometime declines,\n"
    "By chance or nature's changing course untrimm'd;\n"
    "But thy eternal summer shall not fade\n"
    "Nor lose possession of that fair thou owest;\n"
    "Nor shall Death brag thou wander'st in his shade,\n"
    "When in eternal lines to time thou growest:\n"
    "So long as men can breathe or eyes can see,\n"
    "So long lives this, and this gives life to thee.\n";

// Characters and their codes.
struct Alphabet {
  explicit Alphabet(std::string_view text) : letters(text) {
    std::sort(letters.begin(), letters.end());
    letters.erase(std::unique(letters.begin(), letters.end()), letters.end());
  }
  std::int64_t size() const { return static_cast<std::int64_t>(letters.size()); }
  std::vector<std::int32_t> encode(std::string_view text) const {
    std::vector<std::int32_t> codes;
    for (const char c : text) codes.push_back(static_cast<std::int32_t>(letters.find(c)));
    return codes;
  }
  std::string decode(const std::vector<std::int32_t>& codes) const {
    std::string text;
    for (const std::int32_t code : codes) text += letters[static_cast<std::size_t>(code)];
    return text;
  }
  std::string letters;
};
