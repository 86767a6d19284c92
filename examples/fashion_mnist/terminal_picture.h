// Pictures drawn with the characters of a terminal.
#pragma once

#include <string>

#include "examples/fashion_mnist/picture.h"

namespace hekla::fashion_mnist {

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
