// Pictures: grey images with text, written as PNG, arranged in sheets, and drawn with characters in a
// terminal.
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

/// Scales up: every pixel becomes `zoom` pixels wide and high.
Picture enlarged(const Picture& picture, int zoom);
/// Scales down by averaging blocks of 2 x 2 pixels.
Picture halved(const Picture& picture);
/// Dark on light instead of light on dark, as the book shows the data (gray_r).
Picture inverted(Picture picture);

/// Copies `part` into `whole` at a position; clips what does not fit.
void paste(Picture& whole, int x, int y, const Picture& part);

/// Draws a line of ASCII with letters scaled by `zoom`; unscaled capitals are 7 pixels high.
void write_text(Picture& picture, int x, int y, std::string_view text, int zoom, std::uint8_t shade);
/// The width of that line in pixels.
int width_of_text(std::string_view text, int zoom);

/// The bytes of a PNG file.
std::string to_png(const Picture& picture);

/// One image of a set. Throws hekla::Error when there is none at this position.
Picture image_of(const data::LabeledImages& images, std::size_t position);

struct Captioned {
  Picture image;
  std::vector<std::string> lines;
};

/// A sheet, dark on white, with `columns` images in a row, each scaled by `zoom`. All images have the same
/// size and the same number of caption lines.
Picture image_sheet(const std::vector<Captioned>& images, int columns, int zoom);

enum class Drawing {
  half_blocks,  ///< a character shows two pixels, one above the other, in 24 levels of grey
  shades,       ///< a character shows two pixels as one of five block characters, without colour
  ascii,        ///< a character shows two pixels as one of ten ASCII characters
};

/// The drawing that standard output supports: half blocks on a UTF-8 terminal, shades there under NO_COLOR,
/// and ASCII everywhere else.
Drawing suitable_drawing();

/// Lines of `picture.width` columns; a line shows two rows of pixels. Light pixels are light on a dark
/// background.
std::string draw(const Picture& picture, Drawing drawing);

}  // namespace hekla::fashion_mnist
