// See color_augmentation.h.
#include "train/layers/color_augmentation.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"
#include "ops/cast.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/join.h"
#include "ops/rounding.h"
#include "ops/view.h"
#include "train/layers/augmentation_parts.h"

namespace hekla {

namespace {

constexpr std::pair<double, double> unit{0, 1}, bytes{0, 255};

// A channel of color images, [batch, height, width].
Tensor channel(const Tensor& images, std::int64_t which) {
  return squeeze(slice(images, {{}, {}, {}, {.start = which, .stop = which + 1}}), {-1});
}

struct HueSaturationValue {
  Tensor hue, saturation, value;  // [batch, height, width], from 0 to 1 where the colors are
};

// As keras.ops.image.rgb_to_hsv.
HueSaturationValue hsv_of(const Tensor& images) {
  const Tensor red = channel(images, 0), green = channel(images, 1), blue = channel(images, 2);
  const Tensor value = maximum(maximum(red, green), blue), range = value - minimum(minimum(red, green), blue);
  const Tensor sixth = 1 / (6 * where(range > 0, range, 1.0));
  const Tensor of_green = sixth * (blue - red) + 2.0 / 6, of_blue = sixth * (red - green) + 4.0 / 6;
  const Tensor hue = where(value == red, sixth * (green - blue), where(value == green, of_green, of_blue));
  const Tensor colored = where(range > 0, hue, 0.0);
  return {.hue = where(colored < 0, colored + 1, colored),
          .saturation = where(value > 0, range / where(value > 0, value, 1.0), 0.0),
          .value = value};
}

// As keras.ops.image.hsv_to_rgb.
Tensor colors_of(const HueSaturationValue& hsv) {
  const Tensor place = hsv.hue % 1.0 * 6;
  const auto color = [&](const Tensor& share) {
    return hsv.value * (1 - hsv.saturation + hsv.saturation * clip(share, 0, 1));
  };
  return stack({color(abs(place - 3) - 1), color(2 - abs(place - 2)), color(2 - abs(place - 4))}, -1);
}

// x in another color space, changed there, and back. The weights of the images' random numbers, [batch, 1, 1, 1], lose
// the axis of channels.
template <class Change>
Tensor in_hsv(const Tensor& images, const std::pair<double, double>& range, const Change& change) {
  const Tensor colors = colors_of(change(hsv_of(rescaled(images, range, unit))));
  return rescaled(clip(colors, 0, 1), unit, range);
}

Tensor grey(const Tensor& images) {
  return expand_dims(0.2989 * channel(images, 0) + 0.587 * channel(images, 1) + 0.114 * channel(images, 2),
                     -1);
}

void check_color(const LayerState& layer, const UnitFactor& factor, const std::pair<double, double>& range) {
  check_factor(layer, "factor", factor);
  check_value_range(layer, range);
}

}  // namespace

RandomSaturation::RandomSaturation(UnitFactor factor, const RandomColorOptions& options)
    : factor_(factor),
      value_range_(options.value_range),
      state_(std::make_shared<LayerState>("RandomSaturation", options.name)) {
  check_color(*state_, factor_, value_range_);
}

Tensor RandomSaturation::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_color_images, [&](const Tensor& images) {
    const Tensor factor = squeeze(drawn(images, factor_, mode), {-1});
    return in_hsv(images, value_range_, [&](HueSaturationValue hsv) {
      hsv.saturation = clip(hsv.saturation * (factor / (1 - factor + 1e-7)), 0, 1);
      return hsv;
    });
  });
}

RandomHue::RandomHue(UnitFactor factor, const RandomColorOptions& options)
    : factor_(factor),
      value_range_(options.value_range),
      state_(std::make_shared<LayerState>("RandomHue", options.name)) {
  check_color(*state_, factor_, value_range_);
}

Tensor RandomHue::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_color_images, [&](const Tensor& images) {
    const Tensor turn = squeeze(drawn(images, factor_, mode), {-1}) * 0.5;
    const Tensor is_back = random_bernoulli(turn.shape(), mode.next_key());
    return in_hsv(images, value_range_, [&](HueSaturationValue hsv) {
      hsv.hue = hsv.hue + where(is_back, -turn, turn);
      return hsv;
    });
  });
}

RandomColorDegeneration::RandomColorDegeneration(UnitFactor factor, const RandomColorOptions& options)
    : factor_(factor),
      value_range_(options.value_range),
      state_(std::make_shared<LayerState>("RandomColorDegeneration", options.name)) {
  check_color(*state_, factor_, value_range_);
}

Tensor RandomColorDegeneration::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_color_images, [&](const Tensor& images) {
    return clip(images + drawn(images, factor_, mode) * (grey(images) - images), value_range_.first,
                value_range_.second);
  });
}

RandomGrayscale::RandomGrayscale(double factor, const LayerOptions& options)
    : factor_(factor), state_(std::make_shared<LayerState>("RandomGrayscale", options.name)) {
  if (!(factor >= 0 && factor <= 1))
    throw Error(fmt::format("[{}] factor is {}; it must lie in [0, 1].", state_->display_name(), factor));
}

Tensor RandomGrayscale::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_color_images, [&](const Tensor& images) {
    return where(random_bernoulli(one_each(images), mode.next_key(), factor_), grey(images), images);
  });
}

RandomColorJitter::RandomColorJitter(const RandomColorJitterOptions& options)
    : state_(std::make_shared<LayerState>("RandomColorJitter", options.name)) {
  const RandomColorOptions color{.value_range = options.value_range};
  if (options.brightness_factor) layers_.emplace_back(RandomBrightness(*options.brightness_factor, color));
  if (options.contrast_factor) layers_.emplace_back(RandomContrast(*options.contrast_factor, color));
  if (options.saturation_factor) layers_.emplace_back(RandomSaturation(*options.saturation_factor, color));
  if (options.hue_factor) layers_.emplace_back(RandomHue(*options.hue_factor, color));
}

Tensor RandomColorJitter::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](Tensor images) {
    for (const Layer& layer : layers_) images = layer(images, mode);
    return images;
  });
}

RandomInvert::RandomInvert(UnitFactor factor, const RandomColorOptions& options)
    : factor_(factor),
      value_range_(options.value_range),
      state_(std::make_shared<LayerState>("RandomInvert", options.name)) {
  check_color(*state_, factor_, value_range_);
}

Tensor RandomInvert::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& images) {
    return where(happens(images, factor_, mode), value_range_.first + value_range_.second - images, images);
  });
}

RandomPosterization::RandomPosterization(RandomBits factor, const RandomColorOptions& options)
    : factor_(factor),
      value_range_(options.value_range),
      state_(std::make_shared<LayerState>("RandomPosterization", options.name)) {
  if (!(1 <= factor.lower && factor.lower <= factor.upper && factor.upper <= 8))
    throw Error(fmt::format("[{}] factor lies between {} and {} bits; 1 <= lower <= upper <= 8 is needed.",
                            state_->display_name(), factor.lower, factor.upper));
  check_value_range(*state_, value_range_);
}

Tensor RandomPosterization::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& images) {
    // The size of a step for each number of bits. A product with its inverse is exact on every device, a quotient is not.
    const Tensor steps = tensor({128.0, 64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0});
    const Tensor inverses = tensor({1.0 / 128, 1.0 / 64, 1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0 / 2, 1.0});
    const int choices = factor_.upper - factor_.lower + 1;
    const Tensor any = cast(random_uniform(one_each(images), mode.next_key(), 0, choices), i32);
    const Tensor which = minimum(any, choices - 1) + (factor_.lower - 1);
    const Tensor kept = floor(as_bytes(rescaled(images, value_range_, bytes)) * gather(inverses, which)) *
                        gather(steps, which);
    return rescaled(kept, bytes, value_range_);
  });
}

Solarization::Solarization(const SolarizationOptions& options)
    : options_(options), state_(std::make_shared<LayerState>("Solarization", options.name)) {
  check_factor(*state_, "addition_factor", options.addition_factor);
  check_factor(*state_, "threshold_factor", options.threshold_factor);
  check_value_range(*state_, options.value_range);
}

Tensor Solarization::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& images) {
    const auto [low, high] = options_.value_range;
    const Tensor added = drawn(images, options_.addition_factor, mode) * (high - low);
    const Tensor threshold = drawn(images, options_.threshold_factor, mode) * (high - low) + low;
    const Tensor brighter = clip(images + added, low, high);
    return where(brighter < threshold, brighter, low + high - brighter);
  });
}

}  // namespace hekla
