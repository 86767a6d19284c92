// Windows over spatial axes: what convolution and pooling share. Tensors are channels last, [batch, spatial
// axes, channels].
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "graph/tensor.h"
#include "ops/view.h"

namespace hekla {

/// How windows are padded at the borders of spatial axes.
enum class PaddingMode {
  valid,   ///< windows lie inside: size = (n - span) / stride + 1, where span = (window - 1) * dilation + 1
  same,    ///< zero padding, the odd one at the end, so that size = ceil(n / stride)
  causal,  ///< span - 1 zeros before: no window reads elements after its own position; size as same
};

/// The window over one spatial axis.
struct SpatialWindow {
  std::int64_t size = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  PaddingMode padding = PaddingMode::valid;

  /// Distance from the first element of a window to its last, both included.
  std::int64_t span() const { return (size - 1) * dilation + 1; }
  /// Number of windows over an axis of `n` elements.
  std::int64_t count(std::int64_t n) const;
  /// Elements that the padding adds before and after an axis of `n`.
  std::int64_t added_before(std::int64_t n) const;
  std::int64_t added_after(std::int64_t n) const;
};

/// One window for each of `axes` spatial axes. A list of one number holds for all of them. Throws
/// hekla::Error `[op] ...` when a list has another length or a number is not positive.
std::vector<SpatialWindow> spatial_windows(std::string_view op, int axes,
                                           const std::vector<std::int64_t>& sizes,
                                           const std::vector<std::int64_t>& strides,
                                           const std::vector<std::int64_t>& dilations, PaddingMode padding);

/// Throws hekla::Error `[op] ...` unless x is f32 [batch, spatial axes, channels] with as many spatial axes
/// as there are windows, and every window fits.
void check_spatial(std::string_view op, const Tensor& x, const std::vector<SpatialWindow>& windows);

/// Throws hekla::Error `[op] ...` on a padding that transposed convolutions do not support.
void check_transposable(std::string_view op, PaddingMode padding);

/// The padding around x, for pad(): axis by axis, the batch first.
std::vector<Padding> spatial_borders(const Tensor& x, const std::vector<SpatialWindow>& windows);

/// The elements of each window: [batch, spatial, channels] to [batch, counts, sizes, channels], with `border`
/// around x where the padding adds elements.
Tensor spatial_patches(const Tensor& x, const std::vector<SpatialWindow>& windows, double border);
/// The same for an x that is padded already, whatever the windows' padding.
Tensor spatial_patches(const Tensor& x, const std::vector<SpatialWindow>& windows);

/// The transpose of windows(): axis `along` of windows and the later axis `taps_axis` of their elements
/// become one axis of (count - 1) * stride + span elements, each the sum of the windows' elements that lie
/// there. The window's padding is not removed.
Tensor overlap_add(const Tensor& patches, int along, int taps_axis, const SpatialWindow& window);

}  // namespace hekla
