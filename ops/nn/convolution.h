// Convolutions as windows and a matrix product. Tensors are channels last, [batch, spatial axes, channels].
// As in Keras and PyTorch, the kernel is not flipped (mathematically, this is a cross-correlation).
#pragma once

#include <cstdint>
#include <vector>

#include "graph/tensor.h"
#include "ops/nn/spatial.h"

namespace hekla {

/// Lists hold one number for each spatial axis, or a single one for all.
struct ConvOptions {
  std::vector<std::int64_t> strides = {1};
  PaddingMode padding = PaddingMode::valid;
  std::vector<std::int64_t> dilation_rate = {1};
};

/// y[b, o, f] = sum over taps t and channels c of x[b, o * stride + t * dilation - border, c] * kernel[t, c,
/// f], for one, two or three spatial axes: x f32 [b, spatial, in], kernel f32 [taps, in / groups, out] gives
/// [b, counts, out] (see PaddingMode for the counts). The number of groups follows from the shapes: input
/// channels and filters are divided evenly, and each group of filters reads its own channels. Throws
/// hekla::Error on other ranks or dtypes, on channels that do not divide, and on windows that do not fit.
/// (keras.ops.conv; TensorFlow's rules for padding.)
Tensor conv1d(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});
Tensor conv2d(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});
Tensor conv3d(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});

/// Convolves every channel separately with `multiplier` filters: x [b, spatial, in], kernel [taps, in,
/// multiplier] gives [b, counts, in * multiplier], the filters of a channel side by side. Errors as conv2d.
/// (keras.ops.depthwise_conv.)
Tensor depthwise_conv1d(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});
Tensor depthwise_conv2d(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});

/// The transpose of a convolution: every x[b, i, :] adds its product with the kernel to y, from position i *
/// stride - border on. x f32 [b, spatial, in], kernel f32 [taps, out, in] gives [b, sizes, out]. The size is
/// (n - 1) * stride + max(span, stride) for valid, with 0 where no tap reaches, and n * stride for same.
/// Errors as conv2d, and on causal padding. (keras.ops.conv_transpose with its default output_padding.)
Tensor conv_transpose1d(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});
Tensor conv_transpose2d(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});
Tensor conv_transpose3d(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});

}  // namespace hekla
