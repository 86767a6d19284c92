// Resize and Upsample: interpolation axis by axis. Which elements an output is made of, and with which weights, depends on
// sizes alone, so it is computed here.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/rounding.h"
#include "ops/view.h"
#include "train/onnx/operations/images.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

struct Axis {
  std::int64_t size;   // of the input
  std::int64_t count;  // of the output
  double scale;        // as the file has it, or count / size
  double start, end;   // of the region of interest
};

// What the elements of one axis of the output are made of: `width` elements each.
struct Taps {
  std::int64_t width = 0;
  std::vector<std::int64_t> positions;
  std::vector<double> weights;
  std::vector<double> outside;  // 1 where the output is the extrapolation value
};

class Interpolation {
 public:
  explicit Interpolation(const Call& call) : call_(call) {
    mode_ = call.text("mode", "nearest");
    if (mode_ == "bilinear") mode_ = "linear";
    if (mode_ != "nearest" && mode_ != "linear" && mode_ != "cubic")
      call.fail(fmt::format("the mode is {}; nearest, linear or cubic is needed.", files::in_quotes(mode_)));
    coordinates_ =
        call.text("coordinate_transformation_mode", call.opset() < 11 ? "asymmetric" : "half_pixel");
    rounding_ = call.text("nearest_mode", call.opset() < 11 ? "floor" : "round_prefer_floor");
    exclude_outside_ = call.flag("exclude_outside");
    antialias_ = call.flag("antialias");
    a_ = call.number("cubic_coeff_a", -0.75);
  }

  Taps taps(const Axis& axis) const {
    Taps taps;
    for (std::int64_t i = 0; i < axis.count; ++i) {
      const double x = place(axis, i);
      const bool is_outside =
          coordinates_ == "tf_crop_and_resize" && (x < 0 || x > static_cast<double>(axis.size - 1));
      taps.outside.push_back(is_outside ? 1 : 0);
      if (mode_ == "nearest") {
        add(taps, axis, {nearest(x)}, {1});
        continue;
      }
      const double floored = std::floor(x);
      const double reach = mode_ == "linear" ? 1 : 2;
      // Antialiasing widens the filter where the image gets smaller.
      const double shrink = antialias_ ? std::min(axis.scale, 1.0) : 1;
      const auto first = static_cast<std::int64_t>(std::floor(-reach / shrink)) + 1;
      std::vector<std::int64_t> positions;
      std::vector<double> weights;
      for (std::int64_t k = first; k <= 1 - first; ++k) {
        positions.push_back(static_cast<std::int64_t>(floored) + k);
        weights.push_back(kernel(std::abs(shrink * (static_cast<double>(k) - (x - floored)))));
      }
      add(taps, axis, std::move(positions), std::move(weights));
    }
    return taps;
  }

 private:
  // Where element i of the output lies in the input.
  double place(const Axis& axis, std::int64_t i) const {
    const auto x = static_cast<double>(i);
    const auto n = static_cast<double>(axis.size);
    const double width = axis.scale * n;
    if (coordinates_ == "align_corners") return width == 1 ? 0 : x * (n - 1) / (width - 1);
    if (coordinates_ == "asymmetric") return x / axis.scale;
    if (coordinates_ == "half_pixel") return (x + 0.5) / axis.scale - 0.5;
    if (coordinates_ == "pytorch_half_pixel") return width == 1 ? -0.5 : (x + 0.5) / axis.scale - 0.5;
    if (coordinates_ == "tf_half_pixel_for_nn") return (x + 0.5) / axis.scale;
    if (coordinates_ == "half_pixel_symmetric")
      return n / 2 * (1 - static_cast<double>(axis.count) / width) + (x + 0.5) / axis.scale - 0.5;
    if (coordinates_ == "tf_crop_and_resize") {
      const double first = axis.start * (n - 1);
      return first + (width == 1 ? (axis.end - axis.start) * (n - 1) / 2
                                 : x * (axis.end - axis.start) * (n - 1) / (width - 1));
    }
    call_.fail(fmt::format("the coordinate transformation mode {} is not supported.",
                           files::in_quotes(coordinates_)));
  }

  std::int64_t nearest(double x) const {
    if (rounding_ == "floor") return static_cast<std::int64_t>(std::floor(x));
    if (rounding_ == "ceil") return static_cast<std::int64_t>(std::ceil(x));
    if (rounding_ == "round_prefer_floor") return static_cast<std::int64_t>(std::ceil(x - 0.5));
    if (rounding_ == "round_prefer_ceil") return static_cast<std::int64_t>(std::floor(x + 0.5));
    call_.fail(fmt::format("the nearest mode {} is not supported.", files::in_quotes(rounding_)));
  }

  // Linear, or cubic convolution (Keys 1981), at a distance.
  double kernel(double x) const {
    if (mode_ == "linear") return std::max(1 - x, 0.0);
    if (x <= 1) return ((a_ + 2) * x - (a_ + 3)) * x * x + 1;
    return x < 2 ? ((a_ * x - 5 * a_) * x + 8 * a_) * x - 4 * a_ : 0;
  }

  void add(Taps& taps, const Axis& axis, std::vector<std::int64_t> positions,
           std::vector<double> weights) const {
    double total = 0;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      if (exclude_outside_ && (positions[i] < 0 || positions[i] >= axis.size)) weights[i] = 0;
      total += weights[i];
    }
    taps.width = static_cast<std::int64_t>(positions.size());
    for (std::size_t i = 0; i < positions.size(); ++i) {
      taps.positions.push_back(std::clamp<std::int64_t>(positions[i], 0, axis.size - 1));
      taps.weights.push_back(exclude_outside_ || antialias_ ? weights[i] / total : weights[i]);
    }
  }

  const Call& call_;
  std::string mode_, coordinates_, rounding_;
  bool exclude_outside_, antialias_;
  double a_;
};

// One axis of x by its taps.
Tensor interpolated(const Tensor& x, int axis, const Taps& taps) {
  const Tensor positions = tensor(std::span<const std::int64_t>(taps.positions),
                                  Shape{static_cast<std::int64_t>(taps.positions.size())});
  const Tensor taken = gather(x, positions, axis);
  if (taps.width == 1) return taken;
  std::vector<std::int64_t> sizes(taken.shape().begin(), taken.shape().end());
  const auto at = static_cast<std::size_t>(axis);
  sizes[at] /= taps.width;
  sizes.insert(sizes.begin() + axis + 1, taps.width);
  std::vector<std::int64_t> along(sizes.size(), 1);
  along[at] = sizes[at];
  along[at + 1] = taps.width;
  const Tensor weights = tensor(std::span<const double>(taps.weights), Shape(along));
  return sum(reshape(taken, sizes) * weights, axis + 1);
}

// The axes that are resized, with their sizes before and after.
struct Request {
  std::vector<int> axes;
  std::vector<Axis> sizes;
};

Request requested(const Call& call, const Tensor& x) {
  const bool older = call.opset() < 11;  // (x, scales) in place of (x, roi, scales, sizes)
  Request request;
  std::vector<std::int64_t> axes(static_cast<std::size_t>(x.rank()));
  std::iota(axes.begin(), axes.end(), 0);
  for (const std::int64_t axis : call.integers("axes", axes))
    request.axes.push_back(call.axis_at(axis, x.rank()));
  const std::size_t count = request.axes.size();
  std::vector<double> scales;
  if (call.has_attribute("scales")) scales = call.numbers("scales");
  if (call.has_input(older ? 1 : 2)) scales = call.known_numbers(older ? 1 : 2);
  std::vector<std::int64_t> sizes;
  if (call.has_input(3)) sizes = call.known_integers(3);
  std::vector<double> region;
  if (!older && call.has_input(1)) region = call.known_numbers(1);
  if (sizes.empty() ? scales.size() != count : sizes.size() != count)
    call.fail(
        fmt::format("there are {} scales and {} sizes for {} axes.", scales.size(), sizes.size(), count));
  if (!region.empty() && region.size() != 2 * count)
    call.fail(fmt::format("the region has {} numbers for {} axes.", region.size(), count));
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t n = x.size(request.axes[i]);
    const auto size = static_cast<double>(n);
    Axis axis{.size = n, .count = 0, .scale = 0, .start = 0, .end = 1};
    axis.scale = sizes.empty() ? scales[i] : static_cast<double>(sizes[i]) / size;
    axis.count = sizes.empty() ? static_cast<std::int64_t>(std::floor(scales[i] * size)) : sizes[i];
    if (!region.empty()) {
      axis.start = region[i];
      axis.end = region[count + i];
    }
    if (n < 1 || axis.count < 1 || axis.count > most_positions || !(axis.scale > 0))
      call.fail(fmt::format("an axis of {} is made one of {}.", n, axis.count));
    request.sizes.push_back(axis);
  }
  const std::string policy = call.text("keep_aspect_ratio_policy", "stretch");
  if (policy == "stretch" || sizes.empty()) return request;
  if (policy != "not_larger" && policy != "not_smaller")
    call.fail(fmt::format("the policy for the aspect ratio is {}.", files::in_quotes(policy)));
  const auto [least, most] = std::ranges::minmax(request.sizes, std::less(), &Axis::scale);
  for (Axis& axis : request.sizes) {
    axis.scale = policy == "not_larger" ? least.scale : most.scale;
    axis.count = static_cast<std::int64_t>(axis.scale * static_cast<double>(axis.size) + 0.5);
  }
  return request;
}

}  // namespace

Results resize_of(const Call& call) {
  const Interpolation interpolation(call);
  const Request request = requested(call, call[0]);
  Tensor y = cast(call[0], DType::f32);
  for (std::size_t i = 0; i < request.axes.size(); ++i) {
    const Axis& axis = request.sizes[i];
    if (axis.count == axis.size && axis.scale == 1 && axis.start == 0 && axis.end == 1) continue;
    const Taps taps = interpolation.taps(axis);
    y = interpolated(y, request.axes[i], taps);
    if (std::ranges::find(taps.outside, 1) == taps.outside.end()) continue;
    Shape along;
    for (int each = 0; each < y.rank(); ++each) along.push_back(each == request.axes[i] ? axis.count : 1);
    const Tensor outside = tensor(std::span<const double>(taps.outside), along) != 0;
    y = where(outside, call.number("extrapolation_value", 0), y);
  }
  const Tensor& x = call[0];
  return {like(call.operand(0), x.dtype() == DType::f32 ? y : cast(round(y), x.dtype()))};
}

}  // namespace hekla::onnx
