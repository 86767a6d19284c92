// Random changes of images, each image its own, in training only: more examples out of those there are. All
// take images [batch, height, width] with or without channels after it, bytes and integers as f32, and throw
// hekla::Error at a call on another rank. The numbers come from the training key: the same seed gives the
// same images.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "train/layers/image_sampling.h"
#include "train/layers/layer.h"
#include "train/layers/shape.h"

namespace hekla {

/// Between which bounds a number is drawn, uniformly: 0.1 is {-0.1, 0.1}. (A RandomZoom of one factor wants
/// its type spelled out, RandomFactor(0.1, 0.2), as two numbers are two factors there.)
struct RandomFactor {
  RandomFactor(double factor) : lower(-factor), upper(factor) {}
  RandomFactor(double lower_bound, double upper_bound) : lower(lower_bound), upper(upper_bound) {}
  double lower, upper;
};

/// Each image is turned around with probability 1/2 along each of the axes named. (keras.layers.RandomFlip.)
class RandomFlip {
 public:
  /// `mode`: "horizontal" exchanges left and right, "vertical" above and below, "horizontal_and_vertical"
  /// does both, by itself each. Throws hekla::Error on another.
  explicit RandomFlip(const std::string& mode = "horizontal_and_vertical", const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  bool horizontal_, vertical_;
  std::shared_ptr<LayerState> state_;
};

/// A part of each image, at a place of its own: [batch, height, width, ..], otherwise the part in the middle.
/// Throws hekla::Error at a call when an image is smaller. (keras.layers.RandomCrop, but that takes one place
/// for a batch and scales smaller images, as it does all images when it is not training.)
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

/// Each image is turned around its middle by an angle between 2 pi lower and 2 pi upper, counterclockwise.
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

/// Each image is moved down by a share of its height and to the right by a share of its width.
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

/// Each image shows 1 + height_factor times its height and 1 + width_factor times its width: it shrinks where
/// the factor is positive. (keras.layers.RandomZoom.)
class RandomZoom {
 public:
  /// Without a width_factor, the number drawn for the height holds for the width too. Throws hekla::Error on
  /// unknown names, where lower is above upper, or at -1 and below.
  explicit RandomZoom(RandomFactor height_factor, std::optional<RandomFactor> width_factor = {},
                      const RandomImageOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  RandomFactor height_factor_;
  std::optional<RandomFactor> width_factor_;
  ImageSampling sampling_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
