// Reading images at computed positions, between their pixels and beyond their borders.
#pragma once

#include <string>

#include "graph/tensor.h"

namespace hekla {

/// As in Keras's layers for images.
struct ImageSampling {
  /// What lies beyond the border of abcd: "constant": kkkk, the fill_value; "reflect": dcba; "wrap": abcd;
  /// "nearest": aaaa before and dddd after.
  std::string fill_mode = "reflect";
  std::string interpolation = "bilinear";  ///< or "nearest"
  double fill_value = 0;
};

/// Throws hekla::Error `[layer] ...` on names other than these.
void check_sampling(std::string_view layer, const ImageSampling& sampling);

/// The images (f32 [batch, height, width, channels]) at `rows` and `columns` (f32, [batch, new height, new
/// width] or what broadcasts to it), which count pixels: [batch, new height, new width, channels].
Tensor sample_images(const Tensor& images, const Tensor& rows, const Tensor& columns,
                     const ImageSampling& sampling);

}  // namespace hekla
