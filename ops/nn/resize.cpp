// See resize.h.
#include "ops/nn/resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

// A place between pixels, as a fraction, so that no rounding moves it.
struct Place {
  std::int64_t numerator, denominator;

  std::int64_t floor() const {
    const std::int64_t quotient = numerator / denominator;
    return quotient * denominator > numerator ? quotient - 1 : quotient;
  }
  double beyond_floor() const {
    return static_cast<double>(numerator - floor() * denominator) / static_cast<double>(denominator);
  }
  Place half_further() const { return {2 * numerator + denominator, 2 * denominator}; }
};

// Where pixel i of m lies among n.
Place place_of(std::int64_t i, std::int64_t m, std::int64_t n, const ResizeOptions& options) {
  if (options.align_corners) return {i * (n - 1), std::max<std::int64_t>(m - 1, 1)};
  if (options.half_pixel_centers) return {(2 * i + 1) * n - m, 2 * m};
  return {i * n, m};
}

// Keys: Cubic Convolution Interpolation for Digital Image Processing, 1981, for a pixel at this distance.
double cubic_weight(double distance) {
  constexpr double a = -0.75;
  const double d = std::abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

// The pixels that a place is interpolated of, from its floor on, and their weights.
struct Taps {
  std::int64_t first;
  std::vector<double> weights;
};

Taps taps_at(const Place& place, const ResizeOptions& options) {
  const double t = place.beyond_floor();
  switch (options.method) {
    case ResizeMethod::nearest:
      return {
          options.align_corners || options.half_pixel_centers ? place.half_further().floor() : place.floor(),
          {1}};
    case ResizeMethod::bilinear:
      return {place.floor(), {1 - t, t}};
    case ResizeMethod::bicubic:
      break;
  }
  return {place.floor() - 1,
          {cubic_weight(1 + t), cubic_weight(t), cubic_weight(1 - t), cubic_weight(2 - t)}};
}

// The pixels of images [b, h, w, c] at whole places (f32 [b, rows, columns]) times their weights, 0 beyond
// the border.
Tensor weighted_pixels(const Tensor& images, const Tensor& row, const Tensor& column, const Tensor& weight) {
  const std::int64_t height = images.size(1), width = images.size(2), channels = images.size(3);
  const Tensor inside = row >= 0 && row <= height - 1 && column >= 0 && column <= width - 1;
  const auto whole = [&](const Tensor& place) { return cast(where(inside, place, 0), DType::i32); };
  const Tensor position = (iota(row.shape(), 0) * height + whole(row)) * width + whole(column);
  const Tensor picked = gather(reshape(images, Shape{images.size(0) * height * width, channels}), position);
  return where(expand_dims(inside, -1), picked, 0) * expand_dims(weight, -1);
}

}  // namespace

Tensor resize_axis(const Tensor& x, int axis, std::int64_t size, const ResizeOptions& options) {
  const int along = normalize_axis(axis, x.rank(), "resize");
  const std::int64_t n = x.size(along);
  if (size < 1 || n < 1) {
    throw Error(fmt::format("[resize] axis {} of {} gets size {}; both sizes must be positive.", along,
                            describe(x), size));
  }
  const bool nearest = options.method == ResizeMethod::nearest;
  if (!nearest && x.dtype() != DType::f32)
    throw Error(fmt::format("[resize] x is {}; between pixels it must be f32 (see hk::cast).", describe(x)));
  if (size == n) return x;
  std::vector<std::int32_t> positions;
  std::vector<double> weights;
  for (std::int64_t i = 0; i < size; ++i) {
    const Taps taps = taps_at(place_of(i, size, n, options), options);
    for (std::size_t tap = 0; tap < taps.weights.size(); ++tap) {
      const std::int64_t position = taps.first + static_cast<std::int64_t>(tap);
      positions.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(position, 0, n - 1)));
      weights.push_back(taps.weights[tap]);
    }
  }
  if (nearest) return gather(x, tensor(positions), along);
  const std::int64_t taps = static_cast<std::int64_t>(weights.size()) / size;
  const Tensor picked = gather(x, tensor(positions, {size, taps}), along);
  Shape shares(std::vector<std::int64_t>(static_cast<std::size_t>(picked.rank()), 1));
  shares[along] = size;
  shares[along + 1] = taps;
  return sum(picked * tensor(weights, shares), along + 1);
}

Tensor resize(const Tensor& x, const std::vector<std::int64_t>& sizes, const ResizeOptions& options) {
  const int axes = static_cast<int>(sizes.size());
  if (x.rank() != axes + 2 || axes == 0) {
    throw Error(fmt::format("[resize] {} sizes for {}; give one for each axis between batch and channels.",
                            axes, describe(x)));
  }
  Tensor y = x;
  for (int axis = 1; axis <= axes; ++axis)
    y = resize_axis(y, axis, sizes[static_cast<std::size_t>(axis - 1)], options);
  return y;
}

Tensor grid_sample(const Tensor& x, const Tensor& grid, bool align_corners) {
  if (x.rank() != 4 || x.dtype() != DType::f32 || x.size(1) == 0 || x.size(2) == 0) {
    throw Error(fmt::format(
        "[grid_sample] x is {}; it must be f32 [batch, height, width, channels] with pixels.", describe(x)));
  }
  if (grid.rank() != 4 || grid.dtype() != DType::f32 || grid.size(0) != x.size(0) || grid.size(-1) != 2) {
    throw Error(
        fmt::format("[grid_sample] grid is {} for images {}; it must be f32 [batch, rows, columns, 2].",
                    describe(grid), describe(x)));
  }
  const auto place = [&](std::int64_t coordinate, int axis) {
    const Tensor given =
        squeeze(slice(grid, {{}, {}, {}, {.start = coordinate, .stop = coordinate + 1}}), {-1});
    const double n = static_cast<double>(x.size(axis));
    return align_corners ? (given + 1) * ((n - 1) / 2) : ((given + 1) * n - 1) * 0.5;
  };
  const Tensor column = place(0, 2), row = place(1, 1);
  const Tensor left = floor(column), top = floor(row);
  const Tensor right = column - left, down = row - top;
  return weighted_pixels(x, top, left, (1 - down) * (1 - right)) +
         weighted_pixels(x, top, left + 1, (1 - down) * right) +
         weighted_pixels(x, top + 1, left, down * (1 - right)) +
         weighted_pixels(x, top + 1, left + 1, down * right);
}

}  // namespace hekla
