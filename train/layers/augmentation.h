// Random augmentation of images in training only, independent for each image. All layers take images [batch,
// height, width] with or without an axis of channels after it, and bytes and integers as f32. They throw
// hekla::Error at a call on another rank. The random numbers come from the training key: the same seed gives
// the same images.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "train/layers/image_sampling.h"
#include "train/layers/layer.h"
#include "train/layers/shape.h"

namespace hekla {

/// The bounds of a uniformly distributed number: 0.1 is {-0.1, 0.1}. (A RandomZoom with one range needs the
/// type spelled out, RandomFactor(0.1, 0.2), as two numbers are two factors there.)
struct RandomFactor {
  RandomFactor(double factor) : lower(-factor), upper(factor) {}
  RandomFactor(double lower_bound, double upper_bound) : lower(lower_bound), upper(upper_bound) {}
  double lower, upper;
};

/// The bounds of a uniformly distributed number in [0, 1]: 0.3 is {0, 0.3}.
struct UnitFactor {
  UnitFactor(double factor) : lower(0), upper(factor) {}
  UnitFactor(double lower_bound, double upper_bound) : lower(lower_bound), upper(upper_bound) {}
  double lower, upper;
};

/// Flips each image with probability 1/2 along each of the axes named. (keras.layers.RandomFlip.)
class RandomFlip {
 public:
  /// `mode`: "horizontal" flips left and right, "vertical" top and bottom, "horizontal_and_vertical" both,
  /// independently. Throws hekla::Error on another.
  explicit RandomFlip(const std::string& mode = "horizontal_and_vertical", const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  bool horizontal_ = true, vertical_ = true;
  std::shared_ptr<LayerState> state_;
};

/// Crops each image at a random position of its own: [batch, height, width, ..]; in inference, at the center.
/// Throws hekla::Error at a call when an image is smaller. (keras.layers.RandomCrop; that takes one position
/// for a batch and scales smaller images, and all images in inference.)
class RandomCrop {
 public:
  /// Throws hekla::Error unless both are positive.
  RandomCrop(std::int64_t height, std::int64_t width, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  std::int64_t height_, width_;
  std::shared_ptr<LayerState> state_;
};

/// What RandomRotation, RandomTranslation and RandomZoom take, with Keras's names and defaults.
struct RandomImageOptions {
  std::string name = {};
  std::string fill_mode = "reflect";       ///< "constant", "reflect", "wrap" or "nearest": see ImageSampling
  std::string interpolation = "bilinear";  ///< or "nearest"
  double fill_value = 0;
};

/// Rotates each image around its center by an angle between 2 pi lower and 2 pi upper, counterclockwise.
/// (keras.layers.RandomRotation.)
class RandomRotation {
 public:
  /// Throws hekla::Error on unknown names or where lower is above upper.
  explicit RandomRotation(RandomFactor factor, const RandomImageOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  RandomFactor factor_;
  ImageSampling sampling_;
  std::shared_ptr<LayerState> state_;
};

/// Translates each image down by a fraction of its height and to the right by a fraction of its width.
/// (keras.layers.RandomTranslation.)
class RandomTranslation {
 public:
  /// Throws hekla::Error on unknown names or where lower is above upper.
  RandomTranslation(RandomFactor height_factor, RandomFactor width_factor,
                    const RandomImageOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  RandomFactor height_factor_, width_factor_;
  ImageSampling sampling_;
  std::shared_ptr<LayerState> state_;
};

/// Scales each image so that it shows 1 + height_factor times its height and 1 + width_factor times its
/// width: it shrinks where the factor is positive. (keras.layers.RandomZoom.)
class RandomZoom {
 public:
  /// Without a width_factor, the number drawn for the height is used for the width, too. Throws hekla::Error
  /// on unknown names, where lower is above upper, and where a bound is -1 or below.
  explicit RandomZoom(RandomFactor height_factor, std::optional<RandomFactor> width_factor = {},
                      const RandomImageOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  RandomFactor height_factor_;
  std::optional<RandomFactor> width_factor_;
  ImageSampling sampling_;
  std::shared_ptr<LayerState> state_;
};

/// What RandomContrast and RandomBrightness take, with Keras's names and defaults.
struct RandomColorOptions {
  std::string name = {};
  std::pair<double, double> value_range = {0, 255};  ///< of the pixels, to which results are clipped
};

/// Moves each pixel away from the mean of its image's channel, or towards it: (x - mean) * (1 + f) + mean with f between
/// lower and upper. (keras.layers.RandomContrast, whose pair (a, b) is {-a, b} here. Of a single number f, Keras's code
/// takes only {0, f}, against its documentation.)
class RandomContrast {
 public:
  /// Throws hekla::Error where lower is above upper, a bound lies outside [-1, 1], or the range of values is empty.
  explicit RandomContrast(RandomFactor factor, const RandomColorOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  RandomFactor factor_;
  std::pair<double, double> value_range_;
  std::shared_ptr<LayerState> state_;
};

/// Adds a number between lower and upper, as a fraction of the range of values, to all pixels of an image.
/// (keras.layers.RandomBrightness.)
class RandomBrightness {
 public:
  /// Throws hekla::Error as RandomContrast.
  explicit RandomBrightness(RandomFactor factor, const RandomColorOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  RandomFactor factor_;
  std::pair<double, double> value_range_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
