// Functions shared by the layers that augment images.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "ops/view.h"
#include "train/layers/augmentation.h"

namespace hekla {

constexpr int height_axis = 1, width_axis = 2;

/// Throws hekla::Error unless x is [batch, height, width] with or without channels, and has pixels.
void check_images(const LayerState& layer, const Tensor& x);
/// Throws hekla::Error unless x is [batch, height, width, 3].
void check_color_images(const LayerState& layer, const Tensor& x);
/// Throws hekla::Error unless lower <= upper and both are above `above`.
void check_factor(const LayerState& layer, std::string_view what, const RandomFactor& factor,
                  double above = -1e30);
/// Throws hekla::Error unless 0 <= lower <= upper <= 1.
void check_factor(const LayerState& layer, std::string_view what, const UnitFactor& factor);
/// Throws hekla::Error unless the first is below the second.
void check_value_range(const LayerState& layer, const std::pair<double, double>& range);

ImageSampling sampling_of(const LayerState& layer, const RandomImageOptions& options);

/// A shape with one element for each image, which broadcasts against x.
Shape one_each(const Tensor& x);
/// A random number for each image, in the shape one_each(x).
template <class Factor>
Tensor drawn(const Tensor& x, const Factor& factor, const Mode& mode) {
  return random_uniform(one_each(x), mode.next_key(), factor.lower, factor.upper);
}
/// bool, one_each(x): true with a probability that is drawn for each image.
Tensor happens(const Tensor& x, const UnitFactor& probability, const Mode& mode);

/// bool: true inside an interval along an axis of x, at a random place for each image, of the length `share` (a number for
/// each image) times that of the axis.
Tensor random_interval(const Tensor& x, int axis, const Tensor& share, const RandomKey& key);

/// x from one range of values to another.
Tensor rescaled(const Tensor& x, const std::pair<double, double>& from, const std::pair<double, double>& to);
/// x, from 0 to 255, as whole numbers. A number within 1e-3 below a whole one is that: it was rounded on its way.
Tensor as_bytes(const Tensor& x);
/// x with zeros beyond the border, as a weighted sum of neighbours along an axis: `weights` are [.., taps], of which the
/// axes before the last broadcast to x.
Tensor weighted_neighbours(const Tensor& x, int axis, const Tensor& weights);

/// The `taps` weights, with sum 1, of a Gaussian of standard deviation `sigma` (any shape): [.., taps].
Tensor gaussian_weights(const Tensor& sigma, std::int64_t taps);

/// Where corners of an image move that reaches from 0 to 1 along both axes: (1, 0) to (right, 0), (0, 1) to (0, bottom)
/// and (1, 1) to (x, y), each [batch, 1, 1]. (0, 0) stays.
struct Corners {
  Tensor right, bottom, x, y;
};
/// Images with moved corners.
Tensor in_perspective(const Tensor& images, const Corners& corners, const ImageSampling& sampling);

/// The call of a layer that changes images in training and otherwise returns them as f32.
template <class Change>
Tensor in_training(const std::shared_ptr<LayerState>& layer, const Tensor& x, const Mode& mode,
                   void (*check)(const LayerState&, const Tensor&), const Change& change) {
  LayerCall call(layer, mode, {x});
  check(*layer, x);
  const Tensor images = as_float(x);
  return call.done(mode.is_training() ? change(images) : images);
}

/// Calls `change` with the images [batch, height, width, channels] that x is with its axis of channels, if it lacks one.
template <class Change>
Tensor with_channels(const Tensor& x, const Change& change) {
  return x.rank() == 3 ? squeeze(change(expand_dims(x, -1)), {-1}) : change(x);
}

}  // namespace hekla
