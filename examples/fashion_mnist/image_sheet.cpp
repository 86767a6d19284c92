// See image_sheet.h.
#include "examples/fashion_mnist/image_sheet.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"

namespace hekla::fashion_mnist {

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

}  // namespace hekla::fashion_mnist
