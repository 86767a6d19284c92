// What convolutions and pooling of ONNX say about their windows.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/view.h"
#include "train/onnx/call.h"

namespace hekla::onnx {

/// The window along each spatial axis.
struct SpatialWindows {
  std::vector<std::int64_t> sizes, strides, dilations;
  std::vector<Padding> pads;  ///< around each spatial axis

  std::size_t axes() const { return sizes.size(); }
  std::int64_t span(std::size_t axis) const { return (sizes[axis] - 1) * dilations[axis] + 1; }
  /// Number of windows over an axis of n elements and its pads.
  std::int64_t count(std::size_t axis, std::int64_t n) const;
};

/// From kernel_shape (or `kernel`, which counts where that is left out), strides, dilations, pads, auto_pad and ceil_mode,
/// for x [n, c, spatial..]. Throws hekla::Error on numbers that do not fit x or each other.
SpatialWindows spatial_windows(const Call& call, const Tensor& x, std::vector<std::int64_t> kernel = {});

/// The same for a transposed convolution, whose windows always fit.
SpatialWindows transposed_windows(const Call& call, const Tensor& x, std::vector<std::int64_t> kernel);

/// [n, c, spatial..] as [n, spatial.., c], and back.
Tensor channels_last(const Tensor& x);
Tensor channels_first(const Tensor& x);

}  // namespace hekla::onnx
