// Convolutions.
#include "ops/nn/convolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "graph/error.h"
#include "graph/origin.h"
#include "ops/custom_gradient.h"
#include "ops/elementwise.h"
#include "ops/matmul.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

using Windows = std::vector<SpatialWindow>;

Windows windows_for(std::string_view op, int axes, const Tensor& kernel, const ConvOptions& options) {
  if (kernel.rank() != axes + 2 || kernel.dtype() != DType::f32) {
    throw Error(fmt::format("[{}] kernel is {}; it must be f32 of rank {}: {} of taps, then two of channels.",
                            op, describe(kernel), axes + 2, axes));
  }
  const std::vector<std::int64_t> sizes(kernel.shape().begin(), kernel.shape().begin() + axes);
  return spatial_windows(op, axes, sizes, options.strides, options.dilation_rate, options.padding);
}

std::int64_t taps_of(const Windows& windows) {
  std::int64_t taps = 1;
  for (const SpatialWindow& window : windows) taps *= window.size;
  return taps;
}

// [b, counts, taps, channels] as a matrix: a row for each window.
Tensor as_rows(const Tensor& patches, const Windows& windows) {
  const int places = 1 + static_cast<int>(windows.size());
  const Shape shape(std::span<const std::int64_t>(patches.shape().begin(), patches.shape().begin() + places));
  return reshape(patches, Shape{shape.count(), taps_of(windows) * patches.size(-1)});
}

// The product of patches [b, counts, taps, in] with a kernel [taps, in, out].
Tensor product(const Tensor& patches, const Tensor& kernel, const Windows& windows) {
  const int places = 1 + static_cast<int>(windows.size());
  Shape shape(std::span<const std::int64_t>(patches.shape().begin(), patches.shape().begin() + places));
  shape.push_back(kernel.size(-1));
  const Tensor rows = as_rows(patches, windows);
  return reshape(matmul(rows, reshape(kernel, Shape{rows.size(1), kernel.size(-1)})), shape);
}

// [taps, in, out] to [taps, out, in], with the taps flipped.
Tensor turned(const Tensor& kernel) {
  const int axes = kernel.rank() - 2;
  std::vector<int> order;
  for (int axis = 0; axis < axes; ++axis) order.push_back(axis);
  order.insert(order.end(), {axes + 1, axes});
  return permute(slice(kernel, std::vector<Range>(static_cast<std::size_t>(axes), {.step = -1})), order);
}

bool move_by_one(const Windows& windows) {
  return std::all_of(windows.begin(), windows.end(),
                     [](const SpatialWindow& window) { return window.stride == 1; });
}

// A convolution of stride 1, with its gradient rule. The gradient of x is again such a convolution, with the
// kernel flipped. The derived gradient would store the share of each window in x and then add up where
// windows overlap.
Tensor convolution_by_one(const Tensor& x, const Tensor& kernel, const Windows& windows,
                          const std::vector<Padding>& borders) {
  const auto forward = [=](const std::vector<Tensor>& inputs) {
    return product(spatial_patches(pad(inputs[0], borders), windows), inputs[1], windows);
  };
  const auto rule = [=](const std::vector<Tensor>& inputs, const Tensor&, const Tensor& g) {
    std::vector<Padding> opposite(1);
    for (std::size_t axis = 0; axis < windows.size(); ++axis) {
      const std::int64_t reach = windows[axis].span() - 1;
      opposite.push_back({.low = reach - borders[axis + 1].low, .high = reach - borders[axis + 1].high});
    }
    const Tensor rows = as_rows(spatial_patches(pad(inputs[0], borders), windows), windows);
    const Tensor gradients = reshape(g, Shape{rows.size(0), g.size(-1)});
    return std::vector{convolution_by_one(g, turned(inputs[1]), windows, opposite),
                       reshape(matmul(transpose(rows), gradients), inputs[1].shape())};
  };
  return with_gradient(forward, rule, "convolution")({x, kernel});
}

// For each axis the stride and the dilation of its windows, and the elements added before and after.
Attributes attributes_of(const Tensor& x, const Windows& windows) {
  Attributes attributes;
  for (int axis = 1; axis < x.rank() - 1; ++axis) {
    const SpatialWindow& window = windows[static_cast<std::size_t>(axis - 1)];
    const std::int64_t n = x.size(axis);
    attributes.integers.insert(attributes.integers.end(), {window.stride, window.dilation,
                                                           window.added_before(n), window.added_after(n)});
  }
  return attributes;
}

Tensor convolved(std::string_view op, int axes, const Tensor& x, const Tensor& kernel,
                 const Windows& windows) {
  const std::int64_t in = x.size(-1), seen = kernel.size(-2), filters = kernel.size(-1);
  const std::int64_t groups = seen == 0 ? 0 : in / seen;
  if (groups == 0 || in % seen != 0 || filters % groups != 0) {
    throw Error(
        fmt::format("[{}] {} has {} channels and kernel {} takes {} for {} filters; the channels must be a "
                    "multiple of what a filter takes, and the filters of that number of groups.",
                    op, describe(x), in, describe(kernel), seen, filters));
  }
  if (groups == 1 && move_by_one(windows))
    return convolution_by_one(x, kernel, windows, spatial_borders(x, windows));
  const Tensor patches = spatial_patches(x, windows, 0);
  if (groups == 1) return product(patches, kernel, windows);
  Shape shape(std::span<const std::int64_t>(patches.shape().begin(), patches.shape().begin() + 1 + axes));
  const std::int64_t taps = taps_of(windows), rows = shape.count(), each = filters / groups;
  shape.push_back(filters);
  if (seen == 1) {
    // A matrix product with one channel at a time would leave most of a tile empty.
    const Tensor channels = reshape(patches, Shape{rows, taps, in, 1});
    return reshape(sum(channels * reshape(kernel, Shape{taps, in, each}), {1}), shape);
  }
  const Tensor left = permute(reshape(patches, Shape{rows, taps, groups, seen}), {2, 0, 1, 3});
  const Tensor right = permute(reshape(kernel, Shape{taps, seen, groups, each}), {2, 0, 1, 3});
  const Tensor product = matmul(reshape(left, Shape{groups, rows, taps * seen}),
                                reshape(right, Shape{groups, taps * seen, each}));
  return reshape(permute(product, {1, 0, 2}), shape);
}

Tensor convolution(std::string_view op, int axes, const Tensor& x, const Tensor& kernel,
                   const ConvOptions& options) {
  const Windows windows = windows_for(op, axes, kernel, options);
  check_spatial(op, x, windows);
  return with_origin(convolved(op, axes, x, kernel, windows),
                     {"convolution", {x, kernel}, attributes_of(x, windows)});
}

Tensor depthwise(std::string_view op, int axes, const Tensor& x, const Tensor& kernel,
                 const ConvOptions& options) {
  windows_for(op, axes, kernel, options);
  if (x.rank() >= 1 && x.size(-1) != kernel.size(-2)) {
    throw Error(fmt::format("[{}] {} has {} channels and kernel {} is for {}; they must be equal.", op,
                            describe(x), x.size(-1), describe(kernel), kernel.size(-2)));
  }
  Shape grouped = kernel.shape();
  grouped[axes] = 1;
  grouped[axes + 1] = kernel.size(-2) * kernel.size(-1);
  return convolution(op, axes, x, reshape(kernel, grouped), options);
}

Tensor spread(int axes, const Tensor& x, const Tensor& kernel, const Windows& windows) {
  if (move_by_one(windows)) {
    std::vector<Padding> opposite(1);
    for (const SpatialWindow& window : windows) {
      const bool same = window.padding == PaddingMode::same;
      const std::int64_t reach = window.span() - 1, cut = same ? reach / 2 : 0;
      opposite.push_back({.low = reach - cut, .high = same ? cut : reach});
    }
    return convolution_by_one(x, turned(kernel), windows, opposite);
  }
  const std::int64_t in = x.size(-1), filters = kernel.size(-2), taps = taps_of(windows);
  Shape shape(std::span<const std::int64_t>(x.shape().begin(), x.shape().end() - 1));
  const std::int64_t rows = shape.count();
  for (const SpatialWindow& window : windows) shape.push_back(window.size);
  shape.push_back(filters);
  Tensor y = reshape(
      matmul(reshape(x, Shape{rows, in}), transpose(reshape(kernel, Shape{taps * filters, in}))), shape);
  std::vector<Range> kept(1);
  std::vector<Padding> unreached(1);
  for (int axis = 1; axis <= axes; ++axis) {
    const SpatialWindow& window = windows[static_cast<std::size_t>(axis - 1)];
    y = overlap_add(y, axis, axes + 1, window);
    const bool same = window.padding == PaddingMode::same;
    const std::int64_t surplus = std::max<std::int64_t>(window.span() - window.stride, 0);
    const std::int64_t first = same ? surplus / 2 : 0;
    const std::int64_t last = first + x.size(axis) * window.stride + (same ? 0 : surplus);
    kept.push_back({.start = first, .stop = std::min(last, y.size(axis))});
    unreached.push_back({.high = std::max<std::int64_t>(last - y.size(axis), 0)});
  }
  return pad(slice(y, kept), unreached);
}

Tensor transposed(std::string_view op, int axes, const Tensor& x, const Tensor& kernel,
                  const ConvOptions& options) {
  const Windows windows = windows_for(op, axes, kernel, options);
  check_transposable(op, options.padding);
  // Transposed windows always fit, so windows of size 1 check only what every x must satisfy.
  check_spatial(op, x, Windows(windows.size()));
  if (x.size(-1) != kernel.size(-1)) {
    throw Error(fmt::format("[{}] {} has {} channels and kernel {} takes {}; they must be equal.", op,
                            describe(x), x.size(-1), describe(kernel), kernel.size(-1)));
  }
  // For each axis the stride and the dilation, and how many elements are cut off before the first.
  Attributes attributes;
  for (const SpatialWindow& window : windows) {
    const bool same = window.padding == PaddingMode::same;
    const std::int64_t surplus = std::max<std::int64_t>(window.span() - window.stride, 0);
    attributes.integers.insert(attributes.integers.end(),
                               {window.stride, window.dilation, same ? surplus / 2 : 0});
  }
  return with_origin(spread(axes, x, kernel, windows), {"conv_transpose", {x, kernel}, attributes});
}

}  // namespace

Tensor conv1d(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  return convolution("conv1d", 1, x, kernel, options);
}
Tensor conv2d(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  return convolution("conv2d", 2, x, kernel, options);
}
Tensor conv3d(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  return convolution("conv3d", 3, x, kernel, options);
}

Tensor depthwise_conv1d(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  return depthwise("depthwise_conv1d", 1, x, kernel, options);
}
Tensor depthwise_conv2d(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  return depthwise("depthwise_conv2d", 2, x, kernel, options);
}

Tensor conv_transpose1d(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  return transposed("conv_transpose1d", 1, x, kernel, options);
}
Tensor conv_transpose2d(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  return transposed("conv_transpose2d", 2, x, kernel, options);
}
Tensor conv_transpose3d(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  return transposed("conv_transpose3d", 3, x, kernel, options);
}

}  // namespace hekla
