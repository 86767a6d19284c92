// Pictures: grey images with text, as PNG, as sheets, and drawn with the characters of a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "train/data/labeled_images.h"

namespace hekla::fashion_mnist {

/// A grey image.
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

/// One image of a set. Throws hekla::Error when there is none at this position.
Picture image_of(const data::LabeledImages& images, std::size_t position);

struct Captioned {
  Picture image;
  std::vector<std::string> lines;
};

/// Dark on white, `columns` in a row, every pixel of an image `zoom` pixels wide. All images are of one size
/// and have as many lines.
Picture image_sheet(const std::vector<Captioned>& images, int columns, int zoom);

enum class Drawing {
  half_blocks,  ///< a character shows two pixels, one above the other, in 24 shades of grey
  shades,       ///< the same as one of five blocks, without colours
  ascii,        ///< the same as one of ten ASCII characters
};

/// What standard output can show: half blocks on a terminal that takes UTF-8, shades there under NO_COLOR,
/// and ASCII everywhere else.
Drawing suitable_drawing();

/// Lines of `picture.width` columns, each two rows of pixels high. Light pixels are light on a dark
/// background.
std::string draw(const Picture& picture, Drawing drawing);

}  // namespace hekla::fashion_mnist
