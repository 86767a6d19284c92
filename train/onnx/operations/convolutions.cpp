// Convolutions.
#include "ops/nn/convolution.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/cast.h"
#include "ops/elementwise.h"
#include "ops/join.h"
#include "ops/nn/spatial.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"
#include "train/onnx/operations/windows.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;
using Sizes = std::vector<std::int64_t>;

Sizes taps_of(const Tensor& kernel) {
  return {kernel.shape().begin() + std::min(2, kernel.rank()), kernel.shape().end()};
}

// [out, in, taps] or, transposed, [in, out, taps], as hekla's [taps, in, out] and [taps, out, in].
Tensor taps_first(const Tensor& kernel) {
  std::vector<int> order;
  for (int axis = 2; axis < kernel.rank(); ++axis) order.push_back(axis);
  order.insert(order.end(), {1, 0});
  return permute(kernel, order);
}

using Convolve = Tensor (*)(const Tensor&, const Tensor&, const ConvOptions&);

Convolve for_axes(const Call& call, std::size_t axes, Convolve one, Convolve two, Convolve three) {
  if (axes > 3) call.fail(fmt::format("{} spatial axes; at most 3 are supported.", axes));
  return axes == 1 ? one : axes == 2 ? two : three;
}

// x [n, spatial.., c] with the pads around it.
Tensor padded(const Tensor& x, const SpatialWindows& windows) {
  std::vector<Padding> paddings(1);
  paddings.insert(paddings.end(), windows.pads.begin(), windows.pads.end());
  return pad(x, paddings);
}

Tensor convolved(const Call& call, const Tensor& x, const Tensor& kernel) {
  if (kernel.rank() != x.rank())
    call.fail(fmt::format("{} is convolved with {}; equal ranks are needed.", describe(x), describe(kernel)));
  const SpatialWindows windows = spatial_windows(call, x, taps_of(kernel));
  if (windows.sizes != taps_of(kernel))
    call.fail(fmt::format("kernel_shape is not that of {}.", describe(kernel)));
  const std::int64_t groups = call.integer("group", 1);
  if (groups < 1 || x.size(1) != groups * kernel.size(1))
    call.fail(fmt::format("{} has {} channels, {} takes {} in each of {} groups.", describe(x), x.size(1),
                          describe(kernel), kernel.size(1), groups));
  const Convolve convolve = for_axes(call, windows.axes(), conv1d, conv2d, conv3d);
  const ConvOptions options{.strides = windows.strides, .dilation_rate = windows.dilations};
  return convolve(padded(channels_last(x), windows), taps_first(kernel), options);
}

Results conv(const Call& call) {
  Tensor y = convolved(call, call[0], call[1]);
  if (call.has_input(2)) y = y + call[2];
  return {channels_first(y)};
}

// What a quantized operand stands for, but for its scale.
Tensor centered(const Call& call, std::size_t value, std::size_t zero_point) {
  const Tensor x = cast(call[value], DType::f32);
  return call.has_input(zero_point) ? x - cast(call[zero_point], DType::f32) : x;
}

Results conv_integer(const Call& call) {
  return {cast(channels_first(convolved(call, centered(call, 0, 2), centered(call, 1, 3))), DType::i32)};
}

// Along one axis: where the result begins in the sum of all shares, and its size.
struct Extent {
  std::int64_t first;
  std::int64_t size;
};

std::vector<Extent> extents(const Call& call, const Tensor& x, const SpatialWindows& windows) {
  const std::size_t axes = windows.axes();
  const Sizes added = call.integers("output_padding", Sizes(axes, 0));
  const Sizes wanted = call.integers("output_shape", Sizes(axes, 0));
  if (added.size() != axes || wanted.size() < axes)
    call.fail(
        fmt::format("output_padding and output_shape need a number for each of {} spatial axes.", axes));
  const std::string auto_pad = call.text("auto_pad", "NOTSET");
  const bool is_same = auto_pad.starts_with("SAME");
  std::vector<Extent> result;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::int64_t n = x.size(static_cast<int>(axis) + 2);
    const std::int64_t full = (n - 1) * windows.strides[axis] + windows.span(axis) + added[axis];
    std::int64_t size = wanted[wanted.size() - axes + axis];
    if (size == 0 && is_same) size = n * windows.strides[axis];
    std::int64_t low = windows.pads[axis].low;
    if (size == 0) {
      size = full - low - windows.pads[axis].high;
    } else {
      const std::int64_t total = std::max<std::int64_t>(full - size, 0);
      low = auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
      if (!is_same) low = total / 2;
    }
    if (size < 1 || added[axis] < 0)
      call.fail(fmt::format("spatial axis {} of the result has size {}.", axis, size));
    result.push_back({low, size});
  }
  return result;
}

Results conv_transpose(const Call& call) {
  const Tensor& x = call[0];
  const Tensor& kernel = call[1];
  if (kernel.rank() != x.rank() || x.rank() < 3)
    call.fail(fmt::format("{} is convolved with {}; equal ranks of at least 3 are needed.", describe(x),
                          describe(kernel)));
  const std::int64_t groups = call.integer("group", 1);
  if (groups < 1 || x.size(1) != kernel.size(0) || x.size(1) % groups != 0)
    call.fail(fmt::format("{} channels, {} and {} groups do not fit.", x.size(1), describe(kernel), groups));
  const SpatialWindows windows = transposed_windows(call, x, taps_of(kernel));
  const Convolve convolve =
      for_axes(call, windows.axes(), conv_transpose1d, conv_transpose2d, conv_transpose3d);
  const ConvOptions options{.strides = windows.strides, .dilation_rate = windows.dilations};
  std::vector<Tensor> parts;
  const std::vector<Tensor> inputs = split(x, groups, 1);
  const std::vector<Tensor> kernels = split(kernel, groups, 0);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    parts.push_back(convolve(channels_last(inputs[i]), taps_first(kernels[i]), options));
  Tensor y = parts.size() == 1 ? parts[0] : concat(parts, -1);
  std::vector<Range> kept(1);
  std::vector<Padding> unreached(1);
  const std::vector<Extent> wanted = extents(call, x, windows);
  for (std::size_t axis = 0; axis < wanted.size(); ++axis) {
    const std::int64_t n = y.size(static_cast<int>(axis) + 1);
    const std::int64_t end = wanted[axis].first + wanted[axis].size;
    kept.push_back({.start = std::min(wanted[axis].first, n), .stop = std::min(end, n)});
    unreached.push_back({.high = std::max<std::int64_t>(end - std::max(n, wanted[axis].first), 0)});
  }
  y = pad(slice(y, kept), unreached);
  if (call.has_input(2)) y = y + call[2];
  return {channels_first(y)};
}

// [n, c * taps, windows] to [n, c, spatial..], where windows overlap added up.
Results col2im(const Call& call) {
  const Tensor& x = call[0];
  const Sizes image = call.known_integers(1);
  const Sizes block = call.known_integers(2);
  const std::size_t axes = image.size();
  const Sizes strides = call.integers("strides", Sizes(axes, 1));
  const Sizes dilations = call.integers("dilations", Sizes(axes, 1));
  const Sizes pads = call.integers("pads", Sizes(2 * axes, 0));
  if (x.rank() != 3 || axes == 0 || block.size() != axes || strides.size() != axes ||
      dilations.size() != axes || pads.size() != 2 * axes)
    call.fail(fmt::format("{} with an image of {} axes and blocks of {}.", describe(x), axes, block.size()));
  std::int64_t taps = 1;
  for (const std::int64_t size : block) taps *= size;
  if (taps < 1 || x.size(1) % taps != 0)
    call.fail(fmt::format("{} does not divide into blocks of {}.", describe(x), taps));
  // [n, c, taps.., counts..] to [n, counts.., taps.., c], as overlap_add takes it.
  Sizes sizes{x.size(0), x.size(1) / taps};
  sizes.insert(sizes.end(), block.begin(), block.end());
  std::vector<SpatialWindow> windows;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    windows.push_back({.size = block[axis], .stride = strides[axis], .dilation = dilations[axis]});
    sizes.push_back((image[axis] + pads[axis] + pads[axes + axis] - windows[axis].span()) / strides[axis] +
                    1);
  }
  std::vector<int> order{0};
  const int n = static_cast<int>(axes);
  for (int axis = 0; axis < n; ++axis) order.push_back(2 + n + axis);
  for (int axis = 0; axis < n; ++axis) order.push_back(2 + axis);
  order.push_back(1);
  Tensor y = permute(reshape(x, sizes), order);
  std::vector<Range> kept(1);
  std::vector<Padding> unreached(1);
  for (std::size_t axis = 0; axis < axes; ++axis) {
    y = overlap_add(y, static_cast<int>(axis) + 1, n + 1, windows[axis]);
    const std::int64_t end = pads[axis] + image[axis];
    const std::int64_t size = y.size(static_cast<int>(axis) + 1);
    kept.push_back({.start = std::min(pads[axis], size), .stop = std::min(end, size)});
    unreached.push_back({.high = std::max<std::int64_t>(end - std::max(size, pads[axis]), 0)});
  }
  return {channels_first(pad(slice(y, kept), unreached))};
}

}  // namespace

std::vector<Conversion> convolutions() {
  const std::vector<std::string_view> attributes = {"auto_pad",     "dilations", "group",
                                                    "kernel_shape", "pads",      "strides"};
  return {
      {"Col2Im", col2im, {"dilations", "pads", "strides"}},
      {"Conv", conv, attributes},
      {"ConvInteger", conv_integer, attributes},
      {"ConvTranspose",
       conv_transpose,
       {"auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads",
        "strides"}},
  };
}

}  // namespace hekla::onnx
