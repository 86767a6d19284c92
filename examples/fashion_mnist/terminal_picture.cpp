// See terminal_picture.h.
#include "examples/fashion_mnist/terminal_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <string_view>

#include "train/terminal.h"

namespace hekla::fashion_mnist {

namespace {

bool takes_utf8() {
  // The first of these that is set decides, as in setlocale(3).
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    std::string locale(value);
    std::ranges::transform(locale, locale.begin(),
                           [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

// The greys among the 256 colours of terminals: 24 from nearly black to nearly white.
int grey(std::uint8_t shade) { return 232 + shade * 23 / 255; }

std::uint8_t below(const Picture& picture, int x, int y) {
  return y + 1 < picture.height ? picture.at(x, y + 1) : std::uint8_t{0};
}

template <std::size_t Count>
std::string_view of_ramp(const std::array<std::string_view, Count>& ramp, int shade) {
  return ramp[static_cast<std::size_t>(shade) * (Count - 1) / 255];
}

constexpr std::array<std::string_view, 5> blocks{" ", "░", "▒", "▓", "█"};
constexpr std::array<std::string_view, 10> characters{" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"};

}  // namespace

Drawing suitable_drawing() {
  if (!stdout_is_terminal() || !takes_utf8()) return Drawing::ascii;
  const char* no_color = std::getenv("NO_COLOR");
  return no_color != nullptr && *no_color != '\0' ? Drawing::shades : Drawing::half_blocks;
}

std::string draw(const Picture& picture, Drawing drawing) {
  std::string text;
  for (int y = 0; y < picture.height; y += 2) {
    std::string line;
    for (int x = 0; x < picture.width; ++x) {
      const std::uint8_t upper = picture.at(x, y), lower = below(picture, x, y);
      const int mean = (upper + lower) / 2;
      if (drawing == Drawing::half_blocks)
        line += fmt::format("\x1b[38;5;{};48;5;{}m▀", grey(upper), grey(lower));
      else
        line += drawing == Drawing::shades ? of_ramp(blocks, mean) : of_ramp(characters, mean);
    }
    if (drawing == Drawing::half_blocks)
      line += "\x1b[0m";
    else
      line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace hekla::fashion_mnist
