// See augmentation.h.
#include "train/layers/augmentation.h"

#include <fmt/format.h>

#include <array>
#include <numbers>
#include <string_view>
#include <tuple>
#include <utility>

#include "graph/choice.h"
#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "train/layers/augmentation_parts.h"

namespace hekla {

namespace {

// Whether images are turned horizontally and vertically.
constexpr std::array<std::pair<std::string_view, std::pair<bool, bool>>, 3> directions{
    {{"horizontal", {true, false}}, {"vertical", {false, true}}, {"horizontal_and_vertical", {true, true}}}};

Tensor turned_at_random(const Tensor& x, int axis, const RandomKey& key) {
  std::vector<Range> ranges(static_cast<std::size_t>(axis) + 1);
  ranges.back() = {.step = -1};
  return where(random_bernoulli(one_each(x), key), slice(x, ranges), x);
}

// A random crop along one axis of x: `size` positions, from a random start for each image.
Tensor cropped_at_random(const Tensor& x, int axis, std::int64_t size, const RandomKey& key) {
  const std::int64_t places = x.size(axis) - size + 1;
  // A product with a number below 1 can round up to the bound.
  const Tensor drawn = cast(random_uniform(one_each(x), key) * static_cast<double>(places), DType::i32);
  Shape steps = one_each(x);
  steps[0] = 1;
  steps[axis] = size;
  return take_along_axis(x, minimum(drawn, places - 1) + iota(steps, axis), axis);
}

// One random number for each image, [batch, 1, 1].
Tensor drawn_for_place(const Tensor& images, const RandomFactor& factor, const Mode& mode) {
  return random_uniform({images.size(0), 1, 1}, mode.next_key(), factor.lower, factor.upper);
}

// Coordinates along an axis of images, [1, height, 1] or [1, 1, width], relative to the center.
Tensor from_middle(const Tensor& images, int axis) {
  Shape shape{1, 1, 1};
  shape[axis] = images.size(axis);
  return iota(shape, axis, DType::f32) - static_cast<double>(images.size(axis) - 1) / 2;
}

Tensor from_border(const Tensor& images, int axis, const Tensor& position) {
  return position + static_cast<double>(images.size(axis) - 1) / 2;
}

// Samples x at rows and columns relative to the center. x may lack the axis of channels.
template <class Positions>
Tensor moved(const Tensor& x, const ImageSampling& sampling, const Positions& positions) {
  return with_channels(x, [&](const Tensor& images) {
    const auto [row, column] = positions(images);
    return sample_images(images, from_border(images, height_axis, row),
                         from_border(images, width_axis, column), sampling);
  });
}

}  // namespace

RandomFlip::RandomFlip(const std::string& mode, const LayerOptions& options)
    : state_(std::make_shared<LayerState>("RandomFlip", options.name)) {
  std::tie(horizontal_, vertical_) = choose(state_->display_name(), mode, directions, "mode");
}

Tensor RandomFlip::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](Tensor y) {
    if (horizontal_) y = turned_at_random(y, width_axis, mode.next_key());
    if (vertical_) y = turned_at_random(y, height_axis, mode.next_key());
    return y;
  });
}

RandomCrop::RandomCrop(std::int64_t height, std::int64_t width, const LayerOptions& options)
    : height_(height), width_(width), state_(std::make_shared<LayerState>("RandomCrop", options.name)) {
  if (height < 1 || width < 1)
    throw Error(fmt::format("[{}] {} by {}; both must be positive.", state_->display_name(), height, width));
}

Tensor RandomCrop::operator()(const Tensor& x, const Mode& mode) const {
  LayerCall call(state_, mode, {x});
  check_images(*state_, x);
  if (x.size(height_axis) < height_ || x.size(width_axis) < width_)
    throw Error(fmt::format("[{}] {} by {} are to be cut from {}; images must not be smaller.",
                            state_->name(), height_, width_, describe(x)));
  const Tensor images = as_float(x);
  if (!mode.is_training()) {
    const std::int64_t top = (x.size(height_axis) - height_) / 2, left = (x.size(width_axis) - width_) / 2;
    return call.done(
        slice(images, {{}, {.start = top, .stop = top + height_}, {.start = left, .stop = left + width_}}));
  }
  const Tensor rows = cropped_at_random(images, height_axis, height_, mode.next_key());
  return call.done(cropped_at_random(rows, width_axis, width_, mode.next_key()));
}

RandomRotation::RandomRotation(RandomFactor factor, const RandomImageOptions& options)
    : factor_(factor), state_(std::make_shared<LayerState>("RandomRotation", options.name)) {
  check_factor(*state_, "factor", factor);
  sampling_ = sampling_of(*state_, options);
}

Tensor RandomRotation::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& whole) {
    return moved(whole, sampling_, [&](const Tensor& images) {
      const Tensor angle = drawn_for_place(images, factor_, mode) * (2 * std::numbers::pi);
      const Tensor row = from_middle(images, height_axis), column = from_middle(images, width_axis);
      const Tensor c = cos(angle), s = sin(angle);
      return std::pair(s * column + c * row, c * column - s * row);
    });
  });
}

RandomTranslation::RandomTranslation(RandomFactor height_factor, RandomFactor width_factor,
                                     const RandomImageOptions& options)
    : height_factor_(height_factor),
      width_factor_(width_factor),
      state_(std::make_shared<LayerState>("RandomTranslation", options.name)) {
  check_factor(*state_, "height_factor", height_factor);
  check_factor(*state_, "width_factor", width_factor);
  sampling_ = sampling_of(*state_, options);
}

Tensor RandomTranslation::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& whole) {
    return moved(whole, sampling_, [&](const Tensor& images) {
      const auto from = [&](int axis, const RandomFactor& factor) {
        const auto size = static_cast<double>(images.size(axis));
        return from_middle(images, axis) - drawn_for_place(images, factor, mode) * size;
      };
      // Drawn in this order, as the evaluation order of arguments depends on the compiler.
      const Tensor row = from(height_axis, height_factor_);
      return std::pair(row, from(width_axis, width_factor_));
    });
  });
}

RandomZoom::RandomZoom(RandomFactor height_factor, std::optional<RandomFactor> width_factor,
                       const RandomImageOptions& options)
    : height_factor_(height_factor),
      width_factor_(width_factor),
      state_(std::make_shared<LayerState>("RandomZoom", options.name)) {
  check_factor(*state_, "height_factor", height_factor, -1);
  if (width_factor) check_factor(*state_, "width_factor", *width_factor, -1);
  sampling_ = sampling_of(*state_, options);
}

Tensor RandomZoom::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& whole) {
    return moved(whole, sampling_, [&](const Tensor& images) {
      const Tensor height = 1 + drawn_for_place(images, height_factor_, mode);
      const Tensor width = width_factor_ ? 1 + drawn_for_place(images, *width_factor_, mode) : height;
      return std::pair(from_middle(images, height_axis) * height, from_middle(images, width_axis) * width);
    });
  });
}

namespace {

void check_color(const LayerState& layer, const RandomFactor& factor,
                 const std::pair<double, double>& range) {
  check_factor(layer, "factor", factor);
  if (factor.lower < -1 || factor.upper > 1)
    throw Error(fmt::format("[{}] factor lies between {} and {}; both must lie in [-1, 1].",
                            layer.display_name(), factor.lower, factor.upper));
  check_value_range(layer, range);
}

}  // namespace

RandomContrast::RandomContrast(RandomFactor factor, const RandomColorOptions& options)
    : factor_(factor),
      value_range_(options.value_range),
      state_(std::make_shared<LayerState>("RandomContrast", options.name)) {
  check_color(*state_, factor_, value_range_);
}

Tensor RandomContrast::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& images) {
    const Tensor average = mean(images, {height_axis, width_axis}, KeepDims::yes);
    return clip((images - average) * (1 + drawn(images, factor_, mode)) + average, value_range_.first,
                value_range_.second);
  });
}

RandomBrightness::RandomBrightness(RandomFactor factor, const RandomColorOptions& options)
    : factor_(factor),
      value_range_(options.value_range),
      state_(std::make_shared<LayerState>("RandomBrightness", options.name)) {
  check_color(*state_, factor_, value_range_);
}

Tensor RandomBrightness::operator()(const Tensor& x, const Mode& mode) const {
  return in_training(state_, x, mode, check_images, [&](const Tensor& images) {
    const auto [low, high] = value_range_;
    return clip(images + drawn(images, factor_, mode) * (high - low), low, high);
  });
}

}  // namespace hekla
