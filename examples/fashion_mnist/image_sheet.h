// Sheets of images with lines of text beneath each.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "examples/fashion_mnist/picture.h"
#include "train/data/labeled_images.h"

namespace hekla::fashion_mnist {

/// One image of a set. Throws hekla::Error when there is none at this position.
Picture image_of(const data::LabeledImages& images, std::size_t position);

struct Captioned {
  Picture image;
  std::vector<std::string> lines;
};

/// Dark on white, `columns` in a row, every pixel of an image `zoom` pixels wide. All images are of one size
/// and have as many lines.
Picture image_sheet(const std::vector<Captioned>& images, int columns, int zoom);

}  // namespace hekla::fashion_mnist
