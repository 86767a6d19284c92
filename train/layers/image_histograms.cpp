// See image_histograms.h.
#include "train/layers/image_histograms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "graph/error.h"
#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/rounding.h"
#include "ops/scan.h"
#include "ops/view.h"
#include "train/layers/augmentation_parts.h"

namespace hekla {

namespace {

constexpr std::pair<double, double> bytes{0, 255};
constexpr std::int64_t levels = 256;

// a / b (i32, positive) to the nearest whole number, ties to even.
Tensor rounded_quotient(const Tensor& a, const Tensor& b) {
  const Tensor whole = a / b, twice = 2 * (a - whole * b);
  const Tensor is_up = twice > b || (twice == b && whole % 2 == 1);
  return where(is_up, whole + 1, whole);
}

}  // namespace

AutoContrast::AutoContrast(const RandomColorOptions& options)
    : value_range_(options.value_range), state_(std::make_shared<LayerState>("AutoContrast", options.name)) {
  check_value_range(*state_, value_range_);
}

Tensor AutoContrast::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  check_images(*state_, x);
  const Tensor images = as_float(x);
  const auto [low, high] = value_range_;
  const Tensor smallest = min(images, {height_axis, width_axis}, KeepDims::yes);
  const Tensor extent = max(images, {height_axis, width_axis}, KeepDims::yes) - smallest;
  const Tensor stretched = (images - smallest) * ((high - low) / where(extent > 0, extent, 1.0)) + low;
  return call.done(where(extent > 0, clip(stretched, low, high), images));
}

Equalization::Equalization(const EqualizationOptions& options)
    : options_(options), state_(std::make_shared<LayerState>("Equalization", options.name)) {
  check_value_range(*state_, options.value_range);
  if (options.bins < 2)
    throw Error(fmt::format("[{}] {} bins; two at least are needed.", state_->display_name(), options.bins));
}

Tensor Equalization::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& whole) {
    return with_channels(whole, [&](const Tensor& images) {
      const std::int64_t batch = images.size(0), channels = images.size(-1);
      const std::int64_t pixels = images.size(height_axis) * images.size(width_axis);
      const double scale = static_cast<double>(options_.bins - 1) / 255;
      const Tensor value = rescaled(images, options_.value_range, bytes);
      const Tensor bin =
          cast(clip(floor(value * scale + 1e-3), 0, static_cast<double>(options_.bins - 1)), i32);
      const Tensor flat = reshape(bin, {batch, pixels, 1, channels});
      // How many pixels lie in a bin or in those before it: [batch, bins, channels].
      const Tensor up_to = sum(cast(flat <= iota({1, 1, options_.bins, 1}, 2), i32), {1});
      const Tensor lowest = min(flat, {1});
      const Tensor in_lowest = take_along_axis(up_to, lowest, 1);
      const Tensor others = static_cast<std::int32_t>(pixels) - in_lowest;
      const Tensor table = rounded_quotient(maximum(up_to - in_lowest, 0) * 255, maximum(others, 1));
      const Tensor looked_up = take_along_axis(table, reshape(bin, {batch, pixels, channels}), 1);
      const Tensor equalized =
          rescaled(cast(reshape(looked_up, images.shape()), f32), bytes, options_.value_range);
      return where(reshape(others, {batch, 1, 1, channels}) > 0, equalized, images);
    });
  });
}

using Clahe = ContrastLimitedAdaptiveHistogramEqualization;

Clahe::ContrastLimitedAdaptiveHistogramEqualization(const ContrastLimitedOptions& options)
    : options_(options),
      state_(std::make_shared<LayerState>("ContrastLimitedAdaptiveHistogramEqualization", options.name)) {
  check_value_range(*state_, options.value_range);
  if (!(options.clip_limit >= 0))
    throw Error(fmt::format("[{}] clip_limit is {}; it must not be negative.", state_->display_name(),
                            options.clip_limit));
  if (options.tile_grid_size.first < 1 || options.tile_grid_size.second < 1)
    throw Error(fmt::format("[{}] tile_grid_size is {} by {}; both must be positive.", state_->display_name(),
                            options.tile_grid_size.first, options.tile_grid_size.second));
}

namespace {

// The tiles along an axis.
struct Tiles {
  std::int64_t count, size;
};

// x with the pixels beyond the end of an axis that fill the last tiles, mirrored.
Tensor filled(const Tensor& x, int axis, const Tiles& tiles) {
  const std::int64_t pixels = x.size(axis);
  if (tiles.count * tiles.size == pixels) return x;
  std::vector<std::int32_t> places;
  for (std::int64_t i = 0; i < tiles.count * tiles.size; ++i) {
    const std::int64_t place = i % (2 * pixels);
    places.push_back(static_cast<std::int32_t>(std::min(place, 2 * pixels - 1 - place)));
  }
  return take(x, tensor(places), axis);
}

// For each of `pixels` positions along an axis, the two tiles between whose centers it lies, and how far it is.
struct Between {
  Tensor first, second;  // i32
  Tensor share;          // f32
};

Between between_tiles(int axis, std::int64_t pixels, const Tiles& tiles) {
  std::vector<std::int32_t> first, second;
  std::vector<float> share;
  for (std::int64_t i = 0; i < pixels; ++i) {
    const double place =
        (static_cast<double>(i) - static_cast<double>(tiles.size) / 2) / static_cast<double>(tiles.size);
    const double before = std::floor(place);
    const auto tile = [&](double at) {
      return static_cast<std::int32_t>(std::clamp(at, 0.0, static_cast<double>(tiles.count - 1)));
    };
    first.push_back(tile(before));
    second.push_back(tile(before + 1));
    share.push_back(static_cast<float>(place - before));
  }
  Shape shape{1, 1, 1, 1};
  shape[axis] = pixels;
  return {tensor(first, shape), tensor(second, shape), tensor(share, shape)};
}

// The table of each tile that equalizes its bytes, limited: [batch, tiles, tiles, levels, channels], from i32 [batch,
// tiles, rows, tiles, columns, channels].
Tensor tables_of(const Tensor& tiled, double clip_limit) {
  const auto pixels = static_cast<double>(tiled.size(2) * tiled.size(4));
  const Tensor by_tile = permute(tiled, {0, 1, 3, 2, 4, 5});
  const Tensor flat = reshape(by_tile, {tiled.size(0), tiled.size(1), tiled.size(3),
                                        tiled.size(2) * tiled.size(4), 1, tiled.size(5)});
  Tensor counts = sum(cast(flat == iota({1, 1, 1, 1, levels, 1}, 4), f32), {3});
  if (clip_limit > 0) {
    const Tensor clipped = minimum(counts, clip_limit * pixels / static_cast<double>(levels));
    counts = clipped + sum(counts - clipped, {3}, KeepDims::yes) * (1.0 / static_cast<double>(levels));
  }
  const Tensor up_to = cumsum(counts, 3);
  const Tensor first = slice(up_to, {{}, {}, {}, {.start = 0, .stop = 1}});
  const Tensor others = pixels - first;
  return clip((up_to - first) * 255 / where(others == 0, 1.0, others), 0, 255);
}

}  // namespace

Tensor Clahe::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  check_images(*state_, x);
  return call.done(with_channels(as_float(x), [&](const Tensor& images) {
    const std::int64_t batch = images.size(0), channels = images.size(-1);
    const auto tiles_along = [&](int axis, std::int64_t count) {
      return Tiles{count, (images.size(axis) + count - 1) / count};
    };
    const Tiles down = tiles_along(height_axis, options_.tile_grid_size.first);
    const Tiles right = tiles_along(width_axis, options_.tile_grid_size.second);
    const Tensor value = cast(as_bytes(rescaled(images, options_.value_range, bytes)), i32);
    const Tensor tables =
        tables_of(reshape(filled(filled(value, height_axis, down), width_axis, right),
                          {batch, down.count, down.size, right.count, right.size, channels}),
                  options_.clip_limit);

    const Between rows = between_tiles(height_axis, images.size(height_axis), down);
    const Between columns = between_tiles(width_axis, images.size(width_axis), right);
    const Tensor elements = reshape(tables, {tables.count()}), image = iota(images.shape(), 0),
                 which = iota(images.shape(), 3);
    const auto at = [&](const Tensor& row, const Tensor& column) {
      const Tensor tile =
          (image * static_cast<std::int32_t>(down.count) + row) * static_cast<std::int32_t>(right.count) +
          column;
      return gather(
          elements,
          (tile * static_cast<std::int32_t>(levels) + value) * static_cast<std::int32_t>(channels) + which);
    };
    const auto between = [](const Tensor& a, const Tensor& b, const Tensor& share) {
      return a * (1 - share) + b * share;
    };
    const Tensor above =
        between(at(rows.first, columns.first), at(rows.first, columns.second), columns.share);
    const Tensor below =
        between(at(rows.second, columns.first), at(rows.second, columns.second), columns.share);
    return rescaled(between(above, below, rows.share), bytes, options_.value_range);
  }));
}

}  // namespace hekla
