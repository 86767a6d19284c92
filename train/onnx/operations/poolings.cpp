// Pooling, of [n, c, spatial..].
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/division.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/reduce.h"
#include "ops/rounding.h"
#include "ops/scatter.h"
#include "ops/statistics.h"
#include "ops/view.h"
#include "train/onnx/operations/tables.h"
#include "train/onnx/operations/windows.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

// With ceil_mode the last window may reach beyond the pads. It must not begin there.
std::int64_t overhang(const Call& call, const SpatialWindows& windows, std::size_t axis, std::int64_t n) {
  if (!call.flag("ceil_mode")) return 0;
  const std::int64_t stride = windows.strides[axis];
  const std::int64_t padded = n + windows.pads[axis].low + windows.pads[axis].high;
  std::int64_t count = (padded - windows.span(axis) + stride - 1) / stride + 1;
  if ((count - 1) * stride >= n + windows.pads[axis].low) --count;
  return std::max<std::int64_t>((count - 1) * stride + windows.span(axis) - padded, 0);
}

std::vector<int> last_axes(const Tensor& x, std::size_t count) {
  std::vector<int> axes;
  for (int axis = x.rank() - static_cast<int>(count); axis < x.rank(); ++axis) axes.push_back(axis);
  return axes;
}

// [n, c, spatial..] to [n, c, counts.., sizes..]: the elements of each window, `border` in the pads and `beyond` where the
// last window reaches over them.
Tensor patches(const Call& call, Tensor x, int first, const SpatialWindows& windows, double border,
               double beyond) {
  std::vector<Padding> pads(static_cast<std::size_t>(first));
  std::vector<Padding> beyond_pads(static_cast<std::size_t>(first));
  for (std::size_t axis = 0; axis < windows.axes(); ++axis) {
    pads.push_back(windows.pads[axis]);
    beyond_pads.push_back({.high = overhang(call, windows, axis, x.size(static_cast<int>(axis) + first))});
  }
  x = pad(pad(x, pads, border), beyond_pads, beyond);
  for (std::size_t axis = 0; axis < windows.axes(); ++axis)
    x = hekla::windows(x, static_cast<int>(axis) + first, windows.sizes[axis], windows.strides[axis],
                       windows.dilations[axis]);
  return x;
}

Tensor sum_over_windows(const Call& call, const Tensor& x, const SpatialWindows& windows, double border) {
  const Tensor elements = patches(call, x, 2, windows, border, 0);
  return sum(elements, last_axes(elements, windows.axes()));
}

Results average_pool(const Call& call) {
  const Tensor& x = call[0];
  const SpatialWindows windows = spatial_windows(call, x);
  Shape spatial = x.shape();
  spatial[0] = spatial[1] = 1;
  const Tensor counts =
      sum_over_windows(call, ones(spatial), windows, call.flag("count_include_pad") ? 1 : 0);
  return {sum_over_windows(call, x, windows, 0) / counts};
}

Results lp_pool(const Call& call) {
  const double p = static_cast<double>(call.integer("p", 2));
  const SpatialWindows windows = spatial_windows(call, call[0]);
  return {pow(sum_over_windows(call, pow(abs(call[0]), p), windows, 0), 1 / p)};
}

// Positions in x of the elements that were taken, given which one of its window each is.
Tensor positions(const Call& call, const Tensor& taken, const Tensor& x, const SpatialWindows& windows) {
  const std::size_t axes = windows.axes();
  const Shape& shape = taken.shape();
  std::vector<Tensor> places(axes);
  Tensor rest = taken;
  for (std::size_t axis = axes; axis-- > 0;) {
    const Tensor tap = modulo(rest, windows.sizes[axis]);
    rest = floor_divide(rest, windows.sizes[axis]);
    places[axis] = iota(shape, static_cast<int>(axis) + 2) * windows.strides[axis] +
                   tap * windows.dilations[axis] - windows.pads[axis].low;
  }
  Tensor position = iota(shape, 0) * x.size(1) + iota(shape, 1);
  if (!call.flag("storage_order")) {
    for (std::size_t axis = 0; axis < axes; ++axis)
      position = position * x.size(static_cast<int>(axis) + 2) + places[axis];
    return position;
  }
  for (std::size_t axis = axes; axis-- > 0;)
    position = position * x.size(static_cast<int>(axis) + 2) + places[axis];
  return position;
}

Results max_pool(const Call& call) {
  const Tensor& x = call[0];
  const SpatialWindows windows = spatial_windows(call, x);
  const double border = -std::numeric_limits<double>::infinity();
  if (is_permuted(x) && !call.has_output(1)) {
    const Tensor elements = patches(call, channels_last(x), 1, windows, border, border);
    return {channels_first(max(elements, last_axes(elements, windows.axes())))};
  }
  const Tensor elements = patches(call, cast(x, DType::f32), 2, windows, border, border);
  const Tensor largest = cast(max(elements, last_axes(elements, windows.axes())), x.dtype());
  Results results{Operand(largest, call.operand(0).type)};
  if (call.has_output(1)) {
    std::vector<std::int64_t> sizes(largest.shape().begin(), largest.shape().end());
    sizes.push_back(-1);
    results.push_back(int64(positions(call, argmax(reshape(elements, sizes), -1), x, windows)));
  }
  return results;
}

Results max_unpool(const Call& call) {
  const Tensor& x = call[0];
  Shape shape = x.shape();
  const SpatialWindows windows = transposed_windows(call, x, {});
  for (std::size_t axis = 0; axis < windows.axes(); ++axis) {
    std::int64_t& size = shape[static_cast<int>(axis) + 2];
    size = (size - 1) * windows.strides[axis] + windows.span(axis) - windows.pads[axis].low -
           windows.pads[axis].high;
    if (size < 1) call.fail(fmt::format("spatial axis {} of the result has size {}.", axis, size));
  }
  const Tensor flat = scatter_add(Shape{shape.count()}, reshape(call[1], {-1}), reshape(x, {-1}));
  const Tensor y = reshape(flat, shape);
  if (!call.has_input(2)) return {y};
  // The indices are those of the size above; what the output shape has more is 0.
  const std::vector<std::int64_t> wanted = call.known_integers(2);
  std::vector<Padding> missing;
  for (std::size_t axis = 0; axis < wanted.size(); ++axis)
    missing.push_back(
        {.high = static_cast<int>(axis) < y.rank() ? wanted[axis] - y.size(static_cast<int>(axis)) : -1});
  if (missing.size() != static_cast<std::size_t>(y.rank()) ||
      std::ranges::any_of(missing, [](const Padding& each) { return each.high < 0; }))
    call.fail(fmt::format("{} does not hold {}.", fmt::join(wanted, " x "), describe(y)));
  return {pad(y, missing)};
}

std::vector<int> spatial_axes(const Call& call) {
  const Tensor& x = call[0];
  if (x.rank() < 3) call.fail(fmt::format("{} is given; [n, c, spatial axes] is needed.", describe(x)));
  return last_axes(x, static_cast<std::size_t>(x.rank() - 2));
}

Results global_average_pool(const Call& call) { return {mean(call[0], spatial_axes(call), KeepDims::yes)}; }
Results global_max_pool(const Call& call) { return {max(call[0], spatial_axes(call), KeepDims::yes)}; }
Results global_lp_pool(const Call& call) {
  return {norm(call[0], static_cast<double>(call.integer("p", 2)), spatial_axes(call), KeepDims::yes)};
}

}  // namespace

std::vector<Conversion> poolings() {
  return {
      {"AveragePool",
       average_pool,
       {"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"}},
      {"GlobalAveragePool", global_average_pool},
      {"GlobalLpPool", global_lp_pool, {"p"}},
      {"GlobalMaxPool", global_max_pool},
      {"LpPool", lp_pool, {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "p", "pads", "strides"}},
      {"MaxPool",
       max_pool,
       {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"}},
      {"MaxUnpool", max_unpool, {"kernel_shape", "pads", "strides"}},
  };
}

}  // namespace hekla::onnx
