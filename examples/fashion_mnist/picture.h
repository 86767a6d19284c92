// Picture: a grey image, its text and its PNG.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hekla::fashion_mnist {

struct Picture {
  Picture(int width, int height, std::uint8_t fill)
      : width(width),
        height(height),
        pixels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), fill) {}

  std::uint8_t at(int x, int y) const { return pixels[place(x, y)]; }
  std::uint8_t& at(int x, int y) { return pixels[place(x, y)]; }

  int width;
  int height;
  std::vector<std::uint8_t> pixels;  ///< rows from the top; 0 is black

 private:
  std::size_t place(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x);
  }
};

/// Every pixel `zoom` pixels wide and high.
Picture enlarged(const Picture& picture, int zoom);
/// Every 2 x 2 pixels as their mean.
Picture halved(const Picture& picture);
/// Dark on light instead of light on dark, as the book shows the data (gray_r).
Picture inverted(Picture picture);

/// Puts `part` at a place of `whole`; what does not fit is cut off.
void paste(Picture& whole, int x, int y, const Picture& part);

/// Writes a line of ASCII in letters `zoom` times their usual size, of which capitals are 7 pixels high.
void write_text(Picture& picture, int x, int y, std::string_view text, int zoom, std::uint8_t shade);
/// How wide that is, in pixels.
int width_of_text(std::string_view text, int zoom);

/// The bytes of a PNG file.
std::string to_png(const Picture& picture);

}  // namespace hekla::fashion_mnist
