// See windows.h.
#include "train/onnx/operations/windows.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/reorder.h"

namespace hekla::onnx {

namespace {

std::vector<std::int64_t> one_for_each(const Call& call, std::string_view name, std::size_t axes,
                                       std::int64_t otherwise) {
  std::vector<std::int64_t> numbers = call.integers(name, std::vector<std::int64_t>(axes, otherwise));
  if (numbers.size() != axes)
    call.fail(fmt::format("{} has {} numbers for {} spatial axes.", name, numbers.size(), axes));
  for (const std::int64_t number : numbers) {
    if (number < 1 || number > most_positions)
      call.fail(fmt::format("{} holds {}; it must be positive.", name, number));
  }
  return numbers;
}

}  // namespace

std::int64_t SpatialWindows::count(std::size_t axis, std::int64_t n) const {
  return (n + pads[axis].low + pads[axis].high - span(axis)) / strides[axis] + 1;
}

SpatialWindows transposed_windows(const Call& call, const Tensor& x, std::vector<std::int64_t> kernel) {
  if (x.rank() < 3) call.fail(fmt::format("{} is given; [n, c, spatial axes] is needed.", describe(x)));
  const auto axes = static_cast<std::size_t>(x.rank() - 2);
  SpatialWindows windows;
  windows.sizes = call.integers("kernel_shape", std::move(kernel));
  if (windows.sizes.size() != axes || std::ranges::any_of(windows.sizes, [](auto size) { return size < 1; }))
    call.fail(fmt::format("a kernel of {} axes for {}; positive sizes of all spatial axes are needed.",
                          windows.sizes.size(), describe(x)));
  windows.strides = one_for_each(call, "strides", axes, 1);
  windows.dilations = one_for_each(call, "dilations", axes, 1);
  const std::vector<std::int64_t> pads = call.integers("pads", std::vector<std::int64_t>(2 * axes, 0));
  if (pads.size() != 2 * axes)
    call.fail(fmt::format("pads has {} numbers for {} spatial axes.", pads.size(), axes));
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const Padding pad{.low = pads[axis], .high = pads[axes + axis]};
    if (pad.low < 0 || pad.high < 0 || pad.low > most_positions || pad.high > most_positions)
      call.fail(fmt::format("pads of {} and {}; none may be negative.", pad.low, pad.high));
    windows.pads.push_back(pad);
  }
  return windows;
}

SpatialWindows spatial_windows(const Call& call, const Tensor& x, std::vector<std::int64_t> kernel) {
  SpatialWindows windows = transposed_windows(call, x, std::move(kernel));
  const std::string auto_pad = call.text("auto_pad", "NOTSET");
  for (std::size_t axis = 0; axis < windows.axes(); ++axis) {
    const std::int64_t n = x.size(static_cast<int>(axis) + 2);
    const std::int64_t stride = windows.strides[axis];
    const std::int64_t span = windows.span(axis);
    Padding& pad = windows.pads[axis];
    if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
      const std::int64_t total =
          std::max<std::int64_t>(((n + stride - 1) / stride - 1) * stride + span - n, 0);
      const std::int64_t smaller = total / 2;
      pad = auto_pad == "SAME_UPPER" ? Padding{.low = smaller, .high = total - smaller}
                                     : Padding{.low = total - smaller, .high = smaller};
    } else if (auto_pad == "VALID") {
      pad = {};
    } else if (auto_pad != "NOTSET") {
      call.fail(fmt::format("auto_pad is {}; NOTSET, SAME_UPPER, SAME_LOWER or VALID is needed.",
                            files::in_quotes(auto_pad)));
    }
    if (n + pad.low + pad.high < span)
      call.fail(fmt::format("a window of {} elements does not fit into {} of {}.", span,
                            n + pad.low + pad.high, describe(x)));
  }
  return windows;
}

Tensor channels_last(const Tensor& x) { return moveaxis(x, 1, -1); }
Tensor channels_first(const Tensor& x) { return moveaxis(x, -1, 1); }

}  // namespace hekla::onnx
