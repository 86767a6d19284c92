// Functions shared by the layers that convolve.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ops/nn/convolution.h"
#include "train/layers/kernel_and_bias.h"
#include "train/layers/spatial_options.h"

namespace hekla {

/// Throws hekla::Error `[layer] ...` unless there is a filter.
void check_filters(std::string_view layer, std::int64_t filters);

/// hk::conv1d, conv2d or conv3d.
template <int axes>
Tensor conv(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  constexpr Tensor (*functions[])(const Tensor&, const Tensor&, const ConvOptions&) = {conv1d, conv2d,
                                                                                       conv3d};
  return functions[axes - 1](x, kernel, options);
}

/// Throws hekla::Error `[layer] ...` on lists and numbers that describe no windows.
template <class Options>
std::vector<SpatialWindow> windows_of(std::string_view layer, int axes, const AxisSizes& kernel_size,
                                      const Options& options) {
  return spatial_windows(layer, axes, kernel_size.numbers(), options.strides.numbers(),
                         options.dilation_rate.numbers(), options.padding);
}

/// [kernel_size, first, second].
inline Shape kernel_shape(int axes, const AxisSizes& kernel_size, std::int64_t first, std::int64_t second) {
  Shape shape;
  for (int axis = 0; axis < axes; ++axis) shape.push_back(kernel_size[axis]);
  shape.push_back(first);
  shape.push_back(second);
  return shape;
}

}  // namespace hekla
