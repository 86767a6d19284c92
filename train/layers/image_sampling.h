// Sampling images at computed positions, between their pixels and beyond their borders.
#pragma once

#include <cstdint>
#include <string_view>

#include "graph/tensor.h"

namespace hekla {

/// What lies beyond the border of abcd. constant: kkkk, the fill_value; reflect: dcba; wrap: abcd; nearest:
/// aaaa before and dddd after.
enum class FillMode { constant, reflect, wrap, nearest };
enum class Interpolation { bilinear, nearest };

/// As in Keras's layers for images.
struct ImageSampling {
  FillMode fill_mode = FillMode::reflect;
  Interpolation interpolation = Interpolation::bilinear;
  double fill_value = 0;
};

/// By the names above. Throws hekla::Error `[layer] ...` on others.
FillMode fill_mode_named(std::string_view layer, std::string_view name);
Interpolation interpolation_named(std::string_view layer, std::string_view name);

/// Samples images (f32 [batch, height, width, channels]) at `rows` and `columns` (f32, [batch, new height,
/// new width] or a shape that broadcasts to it), in units of pixels: [batch, new height, new width,
/// channels].
Tensor sample_images(const Tensor& images, const Tensor& rows, const Tensor& columns,
                     const ImageSampling& sampling);

/// x (f32) with `size` positions along `axis` that cover what its n positions cover: position i samples x at
/// (i + 1/2) n / size - 1/2, between two positions or at the nearest, the last of x beyond its border.
Tensor resized(const Tensor& x, int axis, std::int64_t size, Interpolation interpolation);

}  // namespace hekla
