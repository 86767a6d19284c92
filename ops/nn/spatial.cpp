// Windows over spatial axes.
#include "ops/nn/spatial.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/view.h"

namespace hekla {

namespace {

std::int64_t added(const SpatialWindow& window, std::int64_t n) {
  if (window.padding == PaddingMode::valid) return 0;
  if (window.padding == PaddingMode::causal) return window.span() - 1;
  return std::max<std::int64_t>((window.count(n) - 1) * window.stride + window.span() - n, 0);
}

std::int64_t of_axis(std::string_view op, std::string_view what, const std::vector<std::int64_t>& given,
                     std::size_t axis, int axes) {
  if (given.size() != 1 && given.size() != static_cast<std::size_t>(axes)) {
    throw Error(fmt::format("[{}] {} ({}) for {} spatial axes; give one number for all or one for each.", op,
                            what, fmt::join(given, ","), axes));
  }
  const std::int64_t number = given[given.size() == 1 ? 0 : axis];
  if (number < 1) {
    throw Error(fmt::format("[{}] {} ({}); all must be positive.", op, what, fmt::join(given, ",")));
  }
  return number;
}

}  // namespace

std::int64_t SpatialWindow::count(std::int64_t n) const {
  if (padding != PaddingMode::valid) return (n + stride - 1) / stride;
  return n < span() ? 0 : (n - span()) / stride + 1;
}

std::int64_t SpatialWindow::added_before(std::int64_t n) const {
  return padding == PaddingMode::causal ? added(*this, n) : added(*this, n) / 2;
}

std::int64_t SpatialWindow::added_after(std::int64_t n) const { return added(*this, n) - added_before(n); }

std::vector<SpatialWindow> spatial_windows(std::string_view op, int axes,
                                           const std::vector<std::int64_t>& sizes,
                                           const std::vector<std::int64_t>& strides,
                                           const std::vector<std::int64_t>& dilations, PaddingMode padding) {
  std::vector<SpatialWindow> windows;
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(axes); ++axis) {
    windows.push_back({.size = of_axis(op, "window", sizes, axis, axes),
                       .stride = of_axis(op, "strides", strides, axis, axes),
                       .dilation = of_axis(op, "dilation rate", dilations, axis, axes),
                       .padding = padding});
  }
  return windows;
}

void check_spatial(std::string_view op, const Tensor& x, const std::vector<SpatialWindow>& windows) {
  const int axes = static_cast<int>(windows.size());
  if (x.rank() != axes + 2) {
    throw Error(fmt::format("[{}] x is {} of rank {}; it must have rank {}: batch, {} spatial, channels.", op,
                            describe(x), x.rank(), axes + 2, axes));
  }
  if (x.dtype() != DType::f32) {
    throw Error(fmt::format("[{}] x is {}; it must be f32 (see hk::cast).", op, describe(x)));
  }
  for (int axis = 1; axis <= axes; ++axis) {
    const SpatialWindow& window = windows[static_cast<std::size_t>(axis - 1)];
    if (window.count(x.size(axis)) < 1) {
      throw Error(
          fmt::format("[{}] a window of {} with dilation {} spans {} and axis {} of {} has {}; a window must "
                      "fit.",
                      op, window.size, window.dilation, window.span(), axis, describe(x), x.size(axis)));
    }
  }
}

void check_transposable(std::string_view op, PaddingMode padding) {
  if (padding == PaddingMode::causal)
    throw Error(fmt::format("[{}] the padding is causal; a transposed convolution takes valid or same.", op));
}

std::vector<Padding> spatial_borders(const Tensor& x, const std::vector<SpatialWindow>& windows) {
  std::vector<Padding> borders(1);
  for (int axis = 1; axis <= static_cast<int>(windows.size()); ++axis) {
    const SpatialWindow& window = windows[static_cast<std::size_t>(axis - 1)];
    borders.push_back({.low = window.added_before(x.size(axis)), .high = window.added_after(x.size(axis))});
  }
  return borders;
}

Tensor spatial_patches(const Tensor& x, const std::vector<SpatialWindow>& windows, double border) {
  return spatial_patches(pad(x, spatial_borders(x, windows), border), windows);
}

Tensor spatial_patches(const Tensor& x, const std::vector<SpatialWindow>& windows_of) {
  const int axes = static_cast<int>(windows_of.size());
  Tensor patches = x;
  std::vector<int> order{0};
  for (int axis = 1; axis <= axes; ++axis) {
    const SpatialWindow& window = windows_of[static_cast<std::size_t>(axis - 1)];
    patches = windows(patches, axis, window.size, window.stride, window.dilation);
    order.push_back(axis);
  }
  for (int axis = 1; axis <= axes; ++axis) order.push_back(axes + 1 + axis);
  order.push_back(axes + 1);
  return permute(patches, order);
}

Tensor overlap_add(const Tensor& patches, int along, int taps_axis, const SpatialWindow& window) {
  const std::size_t rank = static_cast<std::size_t>(patches.rank());
  Tensor total;
  for (std::int64_t t = 0; t < window.size; ++t) {
    std::vector<Range> tap(rank);
    tap[static_cast<std::size_t>(taps_axis)] = {.start = t, .stop = t + 1};
    std::vector<Padding> place(rank - 1);
    place[static_cast<std::size_t>(along)] = {.low = t * window.dilation,
                                              .high = (window.size - 1 - t) * window.dilation,
                                              .interior = window.stride - 1};
    const Tensor placed = pad(squeeze(slice(patches, tap), {taps_axis}), place);
    total = total.defined() ? total + placed : placed;
  }
  return total;
}

}  // namespace hekla
