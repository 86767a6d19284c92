// See image_filters.h.
#include "train/layers/image_filters.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/rounding.h"
#include "ops/view.h"
#include "train/layers/augmentation_parts.h"

namespace hekla {

RandomSharpness::RandomSharpness(UnitFactor factor, const RandomColorOptions& options)
    : factor_(factor),
      value_range_(options.value_range),
      state_(std::make_shared<LayerState>("RandomSharpness", options.name)) {
  check_factor(*state_, "factor", factor_);
  check_value_range(*state_, value_range_);
}

Tensor RandomSharpness::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& images) {
    const Tensor each = ones({3});
    const Tensor nine = weighted_neighbours(weighted_neighbours(images, height_axis, each), width_axis, each);
    const Tensor smooth = (nine + 4 * images) * (1.0 / 13);
    const Tensor share = 1 - 2 * drawn(images, factor_, mode);
    return clip(images + share * (smooth - images), value_range_.first, value_range_.second);
  });
}

RandomGaussianBlur::RandomGaussianBlur(const RandomGaussianBlurOptions& options)
    : options_(options), state_(std::make_shared<LayerState>("RandomGaussianBlur", options.name)) {
  check_factor(*state_, "factor", options.factor);
  check_factor(*state_, "sigma", options.sigma);
  check_value_range(*state_, options.value_range);
  if (options.kernel_size < 1 || options.kernel_size % 2 == 0)
    throw Error(fmt::format("[{}] kernel_size is {}; it must be odd and positive.", state_->display_name(),
                            options.kernel_size));
}

Tensor RandomGaussianBlur::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& images) {
    const auto blurred = [&](const Tensor& each, int axis) {
      const Tensor sigma = drawn(images, options_.sigma, mode) + 1e-6;
      return weighted_neighbours(each, axis, gaussian_weights(sigma, options_.kernel_size));
    };
    const Tensor is_blurred = happens(images, options_.factor, mode);
    const Tensor result = where(is_blurred, blurred(blurred(images, height_axis), width_axis), images);
    return clip(result, options_.value_range.first, options_.value_range.second);
  });
}

RandomErasing::RandomErasing(const RandomErasingOptions& options)
    : options_(options), state_(std::make_shared<LayerState>("RandomErasing", options.name)) {
  check_factor(*state_, "factor", options.factor);
  check_factor(*state_, "scale", options.scale);
  check_value_range(*state_, options.value_range);
}

Tensor RandomErasing::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& images) {
    const auto& [low, high] = options_.value_range;
    const std::vector<double>& given = options_.fill_value;
    const std::int64_t channels = images.rank() == 4 ? images.size(-1) : 1;
    if (given.size() > 1 && static_cast<std::int64_t>(given.size()) != channels)
      throw Error(fmt::format("[{}] {} fill values for {}; one, or one for each channel, is needed.",
                              state_->name(), given.size(), describe(images)));
    const auto interval = [&](int axis) {
      const Tensor share = sqrt(drawn(images, options_.scale, mode));
      return random_interval(images, axis, share, mode.next_key());
    };
    const Tensor rows = interval(height_axis), columns = interval(width_axis);
    const Tensor is_erased = rows && columns && happens(images, options_.factor, mode);
    const Tensor noise = random_normal(images.shape(), mode.next_key()) * high;
    const Tensor fill = given.empty() ? noise : given.size() == 1 ? full({}, given[0]) : tensor(given);
    return where(is_erased, clip(fill, low, high), images);
  });
}

}  // namespace hekla
