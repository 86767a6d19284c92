// See augmentation_parts.h.
#include "train/layers/augmentation_parts.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/activation.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/rounding.h"
#include "ops/view.h"

namespace hekla {

void check_images(const LayerState& layer, const Tensor& x) {
  const bool fits = (x.rank() == 3 || x.rank() == 4) && x.size(height_axis) > 0 && x.size(width_axis) > 0;
  if (!fits)
    throw Error(fmt::format("[{}] takes [batch, height, width] with or without channels, not {}.",
                            layer.name(), describe(x)));
}

void check_color_images(const LayerState& layer, const Tensor& x) {
  if (x.rank() != 4 || x.size(-1) != 3 || x.size(height_axis) < 1 || x.size(width_axis) < 1)
    throw Error(fmt::format("[{}] takes [batch, height, width, 3], red, green and blue, not {}.",
                            layer.name(), describe(x)));
}

void check_factor(const LayerState& layer, std::string_view what, const RandomFactor& factor, double above) {
  if (!(factor.lower <= factor.upper) || factor.lower <= above)
    throw Error(fmt::format(
        "[{}] {} lies between {} and {}; {}.", layer.display_name(), what, factor.lower, factor.upper,
        factor.lower <= above ? fmt::format("it must be above {}", above) : "the lower bound comes first"));
}

void check_factor(const LayerState& layer, std::string_view what, const UnitFactor& factor) {
  if (!(0 <= factor.lower && factor.lower <= factor.upper && factor.upper <= 1))
    throw Error(fmt::format("[{}] {} lies between {} and {}; both must lie in [0, 1], the lower first.",
                            layer.display_name(), what, factor.lower, factor.upper));
}

void check_value_range(const LayerState& layer, const std::pair<double, double>& range) {
  if (!(range.first < range.second))
    throw Error(fmt::format("[{}] values range from {} to {}; the lower comes first.", layer.display_name(),
                            range.first, range.second));
}

ImageSampling sampling_of(const LayerState& layer, const RandomImageOptions& options) {
  return {.fill_mode = fill_mode_named(layer.display_name(), options.fill_mode),
          .interpolation = interpolation_named(layer.display_name(), options.interpolation),
          .fill_value = options.fill_value};
}

Shape one_each(const Tensor& x) {
  Shape shape{x.size(0)};
  for (int axis = 1; axis < x.rank(); ++axis) shape.push_back(1);
  return shape;
}

Tensor happens(const Tensor& x, const UnitFactor& probability, const Mode& mode) {
  const Tensor threshold = drawn(x, probability, mode);
  return random_uniform(one_each(x), mode.next_key()) < threshold;
}

Tensor random_interval(const Tensor& x, int axis, const Tensor& share, const RandomKey& key) {
  const auto size = static_cast<double>(x.size(axis));
  const Tensor length = reshape(share, one_each(x)) * size;
  const Tensor start = random_uniform(one_each(x), key) * (size - length);
  Shape places = one_each(x);
  places[0] = 1;
  places[axis] = x.size(axis);
  const Tensor place = iota(places, axis, f32);
  return place >= start && place < start + length;
}

Tensor rescaled(const Tensor& x, const std::pair<double, double>& from, const std::pair<double, double>& to) {
  if (from == to) return x;
  const double scale = (to.second - to.first) / (from.second - from.first);
  return (x - from.first) * scale + to.first;
}

Tensor as_bytes(const Tensor& x) { return clip(floor(x + 1e-3), 0, 255); }

Tensor weighted_neighbours(const Tensor& x, int axis, const Tensor& weights) {
  const std::int64_t taps = weights.size(-1);
  std::vector<Padding> border(static_cast<std::size_t>(axis) + 1);
  border.back() = {.low = taps / 2, .high = taps / 2};
  return sum(windows(pad(x, border), axis, taps) * weights, {-1});
}

Tensor gaussian_weights(const Tensor& sigma, std::int64_t taps) {
  const Tensor place = (arange(taps, f32) - static_cast<double>(taps / 2)) / expand_dims(sigma, -1);
  return softmax(-0.5 * place * place, -1);
}

}  // namespace hekla
