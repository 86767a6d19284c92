#include "examples/fashion_mnist/pictures.h"

#include <fmt/format.h>
#include <stb_easy_font.h>
#include <stb_image_write.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "graph/error.h"
#include "train/terminal.h"

namespace hekla::fashion_mnist {

Picture enlarged(const Picture& picture, int zoom) {
  Picture result(picture.width * zoom, picture.height * zoom, 0);
  for (int y = 0; y < result.height; ++y)
    for (int x = 0; x < result.width; ++x) result.at(x, y) = picture.at(x / zoom, y / zoom);
  return result;
}

Picture halved(const Picture& picture) {
  Picture result(picture.width / 2, picture.height / 2, 0);
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) {
      const int sum = picture.at(2 * x, 2 * y) + picture.at(2 * x + 1, 2 * y) + picture.at(2 * x, 2 * y + 1) +
                      picture.at(2 * x + 1, 2 * y + 1);
      result.at(x, y) = static_cast<std::uint8_t>((sum + 2) / 4);
    }
  }
  return result;
}

Picture inverted(Picture picture) {
  for (std::uint8_t& pixel : picture.pixels) pixel = static_cast<std::uint8_t>(255 - pixel);
  return picture;
}

void paste(Picture& whole, int x, int y, const Picture& part) {
  for (int down = std::max(0, -y); down < std::min(part.height, whole.height - y); ++down)
    for (int across = std::max(0, -x); across < std::min(part.width, whole.width - x); ++across)
      whole.at(x + across, y + down) = part.at(across, down);
}

void write_text(Picture& picture, int x, int y, std::string_view text, int zoom, std::uint8_t shade) {
  // stb returns the rectangles that make up the letters as quads.
  struct Vertex {
    float x, y, z;
    std::array<unsigned char, 4> colour;
  };
  std::string copy(text);
  std::vector<Vertex> vertices(4 * (text.size() * 16 + 1));
  const int quads = stb_easy_font_print(0, 0, copy.data(), nullptr, vertices.data(),
                                        static_cast<int>(vertices.size() * sizeof(Vertex)));
  for (int quad = 0; quad < quads; ++quad) {
    const Vertex& first = vertices[static_cast<std::size_t>(4 * quad)];
    const Vertex& last = vertices[static_cast<std::size_t>(4 * quad + 2)];
    const Picture bar(static_cast<int>(last.x - first.x) * zoom, static_cast<int>(last.y - first.y) * zoom,
                      shade);
    paste(picture, x + static_cast<int>(first.x) * zoom, y + static_cast<int>(first.y) * zoom, bar);
  }
}

int width_of_text(std::string_view text, int zoom) {
  std::string copy(text);
  return stb_easy_font_width(copy.data()) * zoom;
}

std::string to_png(const Picture& picture) {
  std::string bytes;
  const auto append = [](void* into, void* data, int size) {
    static_cast<std::string*>(into)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
  };
  if (stbi_write_png_to_func(append, &bytes, picture.width, picture.height, 1, picture.pixels.data(),
                             picture.width) == 0)
    throw Error("[picture] there is no memory to make a PNG.");
  return bytes;
}

Picture image_of(const data::LabeledImages& images, std::size_t position) {
  if (position >= static_cast<std::size_t>(images.count))
    throw Error(fmt::format("[image_of] there is no image {}; there are {}.", position, images.count));
  Picture picture(static_cast<int>(images.width), static_cast<int>(images.height), 0);
  const std::size_t size = picture.pixels.size();
  std::copy_n(images.images.begin() + static_cast<std::ptrdiff_t>(position * size), size,
              picture.pixels.begin());
  return picture;
}

Picture image_sheet(const std::vector<Captioned>& images, int columns, int zoom) {
  constexpr int margin = 16, gap = 20, text_zoom = 2, line_height = 11 * text_zoom, between = 10;
  if (images.empty()) return Picture(2 * margin, 2 * margin, 255);
  const int image_width = images[0].image.width * zoom, image_height = images[0].image.height * zoom;
  int cell = image_width;
  for (const Captioned& one : images)
    for (const std::string& line : one.lines) cell = std::max(cell, width_of_text(line, text_zoom));
  const int row = image_height + between + static_cast<int>(images[0].lines.size()) * line_height + gap;
  const int count = static_cast<int>(images.size());
  columns = std::min(columns, count);
  const int rows = (count + columns - 1) / columns;
  Picture sheet(2 * margin + columns * (cell + gap) - gap, 2 * margin + rows * row - gap, 255);
  for (int i = 0; i < count; ++i) {
    const Captioned& one = images[static_cast<std::size_t>(i)];
    const int x = margin + i % columns * (cell + gap), y = margin + i / columns * row;
    paste(sheet, x + (cell - image_width) / 2, y, enlarged(inverted(one.image), zoom));
    int below = y + image_height + between;
    for (const std::string& line : one.lines) {
      write_text(sheet, x + (cell - width_of_text(line, text_zoom)) / 2, below, line, text_zoom, 0);
      below += line_height;
    }
  }
  return sheet;
}

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

// The greyscale ramp of the 256-colour palette: 24 levels from nearly black to nearly white.
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
