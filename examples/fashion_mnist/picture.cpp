// See picture.h.
#include "examples/fashion_mnist/picture.h"

#include <stb_easy_font.h>
#include <stb_image_write.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "graph/error.h"

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
  // stb gives the rectangles that make up the letters as quads.
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

}  // namespace hekla::fashion_mnist
