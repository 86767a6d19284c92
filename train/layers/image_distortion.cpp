// See image_distortion.h.
#include "train/layers/image_distortion.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/rounding.h"
#include "ops/view.h"
#include "train/layers/augmentation_parts.h"

namespace hekla {

namespace {

// The rows and columns of pixels, [1, height, 1] and [1, 1, width].
Tensor places(const Tensor& images, int axis) {
  Shape shape{1, 1, 1};
  shape[axis] = images.size(axis);
  return iota(shape, axis, f32);
}

// One element for each image, [batch, 1, 1], of one_each(images).
Tensor for_places(const Tensor& each) { return squeeze(each, {-1}); }

// Positions beyond the image, where they are far away or infinite, nearer to it.
Tensor near(const Tensor& positions, std::int64_t size) {
  return clip(positions, -2, static_cast<double>(size) + 1);
}

}  // namespace

// The projective map from the new corners back to the old ones is (u, v) -> (a u, b v) / (1 - c u - d v).
Tensor in_perspective(const Tensor& images, const Corners& corners, const ImageSampling& sampling) {
  const auto& [right, bottom, x, y] = corners;
  const Tensor shared = right * y + x * bottom - right * bottom;
  const Tensor a = shared / (right * x * bottom), b = shared / (right * bottom * y);
  const Tensor c = (bottom - y) / (x * bottom), d = (right - x) / (right * y);
  const auto unit = [&](int axis) {
    return places(images, axis) * (1 / static_cast<double>(std::max<std::int64_t>(images.size(axis) - 1, 1)));
  };
  const Tensor distance = 1 - c * unit(width_axis) - d * unit(height_axis);
  const Tensor divisor = where(distance == 0, 1e-6, distance);
  const Tensor row = b * places(images, height_axis) / divisor;
  const Tensor column = a * places(images, width_axis) / divisor;
  return sample_images(images, near(row, images.size(height_axis)), near(column, images.size(width_axis)),
                       sampling);
}

RandomShear::RandomShear(UnitFactor x_factor, UnitFactor y_factor, const RandomImageOptions& options)
    : x_factor_(x_factor),
      y_factor_(y_factor),
      state_(std::make_shared<LayerState>("RandomShear", options.name)) {
  check_factor(*state_, "x_factor", x_factor);
  check_factor(*state_, "y_factor", y_factor);
  sampling_ = sampling_of(*state_, options);
}

Tensor RandomShear::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& whole) {
    return with_channels(whole, [&](const Tensor& images) {
      const Tensor sign = where(random_bernoulli(one_each(images), mode.next_key()), 1.0, -1.0);
      const Tensor of_x = for_places(sign * drawn(images, x_factor_, mode));
      const Tensor of_y = for_places(sign * drawn(images, y_factor_, mode));
      const Tensor row = places(images, height_axis), column = places(images, width_axis);
      return sample_images(images, row + of_y * column, column + of_x * row, sampling_);
    });
  });
}

RandomPerspective::RandomPerspective(const RandomPerspectiveOptions& options)
    : factor_(options.factor),
      scale_(options.scale),
      state_(std::make_shared<LayerState>("RandomPerspective", options.name)) {
  check_factor(*state_, "factor", factor_);
  if (!(scale_ >= 0 && scale_ <= 1))
    throw Error(fmt::format("[{}] scale is {}; it must lie in [0, 1].", state_->display_name(), scale_));
  sampling_ = sampling_of(
      *state_,
      {.fill_mode = "constant", .interpolation = options.interpolation, .fill_value = options.fill_value});
}

Tensor RandomPerspective::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& whole) {
    return with_channels(whole, [&](const Tensor& images) {
      const Tensor is_changed = happens(images, factor_, mode);
      const auto moved = [&] {
        return for_places(drawn(images, UnitFactor(1 - scale_ / 2, 1 + scale_ / 2), mode));
      };
      const Tensor right = moved(), bottom = moved(), x_of_corner = moved(), y_of_corner = moved();
      const Corners corners{right, bottom, x_of_corner, y_of_corner};
      return where(is_changed, in_perspective(images, corners, sampling_), images);
    });
  });
}

RandomElasticTransform::RandomElasticTransform(const RandomElasticTransformOptions& options)
    : options_(options), state_(std::make_shared<LayerState>("RandomElasticTransform", options.name)) {
  check_factor(*state_, "factor", options.factor);
  check_factor(*state_, "scale", options.scale);
  check_value_range(*state_, options.value_range);
  sampling_ = sampling_of(*state_, {.fill_mode = options.fill_mode,
                                    .interpolation = options.interpolation,
                                    .fill_value = options.fill_value});
}

Tensor RandomElasticTransform::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& whole) {
    return with_channels(whole, [&](const Tensor& images) {
      const std::int64_t height = images.size(height_axis), width = images.size(width_axis);
      const Tensor is_changed = happens(images, options_.factor, mode);
      const Tensor strength = for_places(drawn(images, options_.scale, mode));
      const Tensor sigma = strength * (0.05 * static_cast<double>(std::min(height, width)));
      const Tensor alpha = strength * (0.1 * static_cast<double>(std::max(height, width)));
      // The kernel reaches as far as three of the largest standard deviations that may be drawn.
      const double largest = 0.05 * static_cast<double>(std::min(height, width)) * options_.scale.upper;
      const Tensor weights = gaussian_weights(sigma + 1e-6, static_cast<std::int64_t>(6 * largest) | 1);
      const auto field = [&] {
        const Tensor noise = random_normal({images.size(0), height, width}, mode.next_key()) * sigma;
        return alpha *
               weighted_neighbours(weighted_neighbours(noise, height_axis, weights), width_axis, weights);
      };
      const Tensor column = places(images, width_axis) + field(), row = places(images, height_axis) + field();
      const Tensor changed = where(is_changed, sample_images(images, row, column, sampling_), images);
      return clip(changed, options_.value_range.first, options_.value_range.second);
    });
  });
}

}  // namespace hekla
