// GridSample, of any number of spatial axes, and AffineGrid.
#include <fmt/format.h>

#include "ops/cast.h"
#include "ops/create.h"
#include "ops/division.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/index.h"
#include "ops/join.h"
#include "ops/matmul.h"
#include "ops/reorder.h"
#include "ops/rounding.h"
#include "ops/view.h"
#include "train/onnx/operations/images.h"

namespace hekla::onnx {

namespace {

using Results = std::vector<Operand>;

enum class Border { zeros, border, reflection };

// x mirrored at both ends until it lies between them.
Tensor reflected(const Tensor& x, double low, double high) {
  if (high <= low) return full(x.shape(), low);
  const Tensor distance = abs(x - low);
  const Tensor turns = modulo(distance, 2 * (high - low));
  return low + minimum(turns, 2 * (high - low) - turns);
}

struct Sampling {
  std::string mode;
  Border border;
  bool align_corners;

  double low() const { return align_corners ? 0 : -0.5; }
  double high(std::int64_t n) const { return static_cast<double>(n) - (align_corners ? 1 : 0.5); }

  // Places from -1 to 1 as positions along an axis of n elements.
  Tensor positions(const Tensor& places, std::int64_t n) const {
    const auto size = static_cast<double>(n);
    Tensor x = align_corners ? (places + 1) * ((size - 1) / 2) : ((places + 1) * size - 1) / 2;
    if (mode == "nearest") x = round(x);
    if (border == Border::border) return clip(x, 0, size - 1);
    return border == Border::reflection ? reflected(x, low(), high(n)) : x;
  }

  // Whole positions inside of the axis for those that may lie beyond it.
  Tensor inside(const Tensor& position, std::int64_t n) const {
    const Tensor x = border == Border::reflection ? trunc(reflected(position, low(), high(n))) : position;
    return cast(clip(x, 0, static_cast<double>(n - 1)), DType::i32);
  }
};

// The weight of the element `k` places after the one before a position.
Tensor weight(const std::string& mode, int k, const Tensor& fraction) {
  if (mode == "nearest") return ones(fraction.shape());
  const Tensor x = abs(static_cast<double>(k) - fraction);
  if (mode == "linear") return 1 - x;
  constexpr double a = -0.75;
  if (k == 0 || k == 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

}  // namespace

Results grid_sample_of(const Call& call) {
  const Tensor& x = call[0];
  const Tensor& grid = call[1];
  const int axes = x.rank() - 2;
  if (axes < 1 || grid.rank() != x.rank() || grid.size(-1) != axes || grid.size(0) != x.size(0))
    call.fail(fmt::format("{} is sampled at {}.", describe(x), describe(grid)));
  Sampling sampling{.mode = call.text("mode", "linear"),
                    .border = Border::zeros,
                    .align_corners = call.flag("align_corners")};
  if (sampling.mode == "bilinear") sampling.mode = "linear";
  if (sampling.mode == "bicubic") sampling.mode = "cubic";
  const std::string border = call.text("padding_mode", "zeros");
  if (border == "border") sampling.border = Border::border;
  if (border == "reflection") sampling.border = Border::reflection;
  if (sampling.mode != "nearest" && sampling.mode != "linear" && sampling.mode != "cubic")
    call.fail(
        fmt::format("the mode is {}; nearest, linear or cubic is needed.", files::in_quotes(sampling.mode)));

  // [n, places], axis by axis; the grid names the last axis first.
  const Tensor places = reshape(grid, {grid.size(0), -1, axes});
  std::vector<Tensor> before;
  std::vector<Tensor> fractions;
  for (int axis = 0; axis < axes; ++axis) {
    const Tensor position = sampling.positions(index(places, {ellipsis, axes - 1 - axis}), x.size(axis + 2));
    before.push_back(floor(position));
    fractions.push_back(position - before.back());
  }
  const Tensor pixels = reshape(x, {x.size(0), x.size(1), -1});
  const int first = sampling.mode == "cubic" ? -1 : 0;
  const int taps = sampling.mode == "nearest" ? 1 : sampling.mode == "linear" ? 2 : 4;
  std::int64_t combinations = 1;
  for (int axis = 0; axis < axes; ++axis) combinations *= taps;
  Tensor total;
  for (std::int64_t combination = 0; combination < combinations; ++combination) {
    Tensor position = zeros(before[0].shape(), DType::i32);
    Tensor factor = ones(before[0].shape());
    std::int64_t rest = combination;
    for (int axis = 0; axis < axes; ++axis) {
      const auto at = static_cast<std::size_t>(axis);
      const int k = first + static_cast<int>(rest % taps);
      rest /= taps;
      const std::int64_t n = x.size(axis + 2);
      const Tensor place = before[at] + k;
      position = position * n + sampling.inside(place, n);
      factor = factor * weight(sampling.mode, k, fractions[at]);
      if (sampling.border == Border::zeros)
        factor = where(place >= 0 && place <= static_cast<int>(n - 1), factor, 0);
    }
    const Tensor part = take_along_axis(pixels, expand_dims(position, 1), 2) * expand_dims(factor, 1);
    total = total.defined() ? total + part : part;
  }
  Shape shape{x.size(0), x.size(1)};
  for (int axis = 1; axis <= axes; ++axis) shape.push_back(grid.size(axis));
  return {reshape(total, shape)};
}

Results affine_grid(const Call& call) {
  const Tensor& theta = call[0];
  const std::vector<std::int64_t> size = call.known_integers(1);
  const int axes = static_cast<int>(size.size()) - 2;
  if (axes < 1 || theta.rank() != 3 || theta.size(1) != axes || theta.size(2) != axes + 1)
    call.fail(fmt::format("{} for an image of {} axes.", describe(theta), size.size()));
  const Shape spatial(std::vector<std::int64_t>(size.begin() + 2, size.end()));
  // Centers of pixels from -1 to 1, the last axis first, and a 1.
  std::vector<Tensor> parts;
  for (int axis = axes - 1; axis >= 0; --axis) {
    const auto n = static_cast<double>(spatial[axis]);
    const Tensor place = iota(spatial, axis, DType::f32);
    parts.push_back(call.flag("align_corners") ? place * (n > 1 ? 2 / (n - 1) : 0) - 1
                                               : (place * 2 + 1) / n - 1);
  }
  parts.push_back(ones(spatial));
  const Tensor places = reshape(stack(parts, -1), {-1, axes + 1});
  Shape shape{theta.size(0)};
  for (const std::int64_t n : spatial) shape.push_back(n);
  shape.push_back(axes);
  return {reshape(matmul(expand_dims(places, 0), swapaxes(theta, 1, 2)), shape)};
}

}  // namespace hekla::onnx
