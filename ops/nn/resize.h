// Images of other sizes, and sampled at any place. Tensors are channels last, [batch, spatial axes,
// channels].
#pragma once

#include <cstdint>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// What a pixel is made of at place s: nearest, the nearest pixel, of two the later one, but pixel floor(s)
/// where half_pixel_centers and align_corners are false; bilinear, the two beside it along each axis (so
/// linear for one axis, trilinear for three); bicubic, four along each axis, by cubic convolution with a =
/// -0.75 as in PyTorch and ONNX.
enum class ResizeMethod { nearest, bilinear, bicubic };

/// Along an axis of n pixels that gets m, pixel i is sampled at s = (i + 1/2) n / m - 1/2: both axes cover
/// the same extent (ONNX: half_pixel; for nearest, PyTorch's nearest-exact).
struct ResizeOptions {
  ResizeMethod method = ResizeMethod::bilinear;
  /// s = i (n - 1) / (m - 1), and 0 where m is 1: the first and the last pixels stay. half_pixel_centers then
  /// has no effect. (ONNX: align_corners.)
  bool align_corners = false;
  /// If false, s = i n / m (ONNX: asymmetric; for nearest, PyTorch's nearest).
  bool half_pixel_centers = true;
};

/// Images of other sizes: f32 [b, spatial, c] to [b, sizes, c], interpolated axis by axis between pixels at
/// the places that ResizeOptions name; beyond the border, the last pixel is repeated. Nothing is smoothed
/// where an image gets smaller. nearest takes any dtype. Throws hekla::Error unless there is one positive
/// size for each spatial axis, on an axis without pixels, and on another dtype.
/// (torch.nn.functional.interpolate; ONNX Resize.)
Tensor resize(const Tensor& x, const std::vector<std::int64_t>& sizes, const ResizeOptions& options = {});
/// The same along one axis of an x of any rank.
Tensor resize_axis(const Tensor& x, int axis, std::int64_t size, const ResizeOptions& options = {});

/// Images sampled at the places `grid` (f32 [b, rows, columns, 2]) gives as x, y from -1 to 1: f32 [b, h, w,
/// c] to [b, rows, columns, c], interpolated between four pixels, with zeros beyond the border. -1 and 1 are
/// the outer edges of the first and the last pixel or, with align_corners, their centers. NaN where a place
/// is not finite. The derivative by a place in the middle of a pixel is that to its right and below. Throws
/// hekla::Error on other ranks or dtypes, on different batch sizes, and on images without pixels.
/// (torch.nn.functional.grid_sample, bilinear with zeros for padding.)
Tensor grid_sample(const Tensor& x, const Tensor& grid, bool align_corners = false);

}  // namespace hekla
