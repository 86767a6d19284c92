// Sampling images at computed positions, between their pixels and beyond their borders.
#pragma once

#include <string>

#include "graph/tensor.h"

namespace hekla {

/// Sampling options, as in Keras's layers for images.
struct ImageSampling {
  /// How an image is continued beyond the border of abcd: "constant": kkkk, the fill_value; "reflect": dcba;
  /// "wrap": abcd; "nearest": aaaa before and dddd after.
  std::string fill_mode = "reflect";
  std::string interpolation = "bilinear";  ///< or "nearest"
  double fill_value = 0;
};

/// Throws hekla::Error `[layer] ...` on unknown names.
void check_sampling(std::string_view layer, const ImageSampling& sampling);

/// Samples images (f32 [batch, height, width, channels]) at `rows` and `columns` (f32, [batch, new height,
/// new width] or a shape that broadcasts to it), in units of pixels: [batch, new height, new width,
/// channels].
Tensor sample_images(const Tensor& images, const Tensor& rows, const Tensor& columns,
                     const ImageSampling& sampling);

}  // namespace hekla
