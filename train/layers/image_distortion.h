// Random distortion of images, in training only and independent for each image: [batch, height, width] with or without
// channels. Bytes and integers are taken as f32. The layers throw hekla::Error at a call on another rank.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "train/layers/augmentation.h"

namespace hekla {

/// Shears each image: the pixel at x, y shows what was at x + a y, y + b x, with a and b drawn from x_factor and y_factor
/// and, together, of a random sign. (keras.layers.RandomShear, which of a single number f draws from {-f, f}, against its
/// documentation.)
class RandomShear {
 public:
  /// Throws hekla::Error on unknown names, where lower is above upper and where a bound lies outside [0, 1].
  explicit RandomShear(UnitFactor x_factor = 0.0, UnitFactor y_factor = 0.0,
                       const RandomImageOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  UnitFactor x_factor_, y_factor_;
  ImageSampling sampling_;
  std::shared_ptr<LayerState> state_;
};

/// What RandomPerspective takes, with Keras's names and defaults.
struct RandomPerspectiveOptions {
  std::string name = {};
  UnitFactor factor = 1.0;  ///< of it, the probability of a change is drawn
  double scale = 1;  ///< how far corners move at most: half of it times their distance from the top left
  std::string interpolation = "bilinear";  ///< or "nearest"
  double fill_value = 0;
};

/// Looks at each image from another point: the corners but the one at the top left move, and what lies beyond the image
/// has the fill_value. (keras.layers.RandomPerspective.)
class RandomPerspective {
 public:
  /// Throws hekla::Error on unknown names, where lower is above upper and where a bound or the scale lies outside [0, 1].
  explicit RandomPerspective(const RandomPerspectiveOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  UnitFactor factor_;
  double scale_;
  ImageSampling sampling_;
  std::shared_ptr<LayerState> state_;
};

/// What RandomElasticTransform takes, with Keras's names and defaults.
struct RandomElasticTransformOptions {
  std::string name = {};
  UnitFactor factor = 1.0;  ///< of it, the probability of a change is drawn
  UnitFactor scale = 1.0;   ///< of it, the strength is drawn
  std::string interpolation = "bilinear";
  std::string fill_mode = "reflect";
  double fill_value = 0;
  std::pair<double, double> value_range = {0, 255};
};

/// Moves the pixels of an image by a smooth random field: noise of standard deviation sigma, smoothed by a Gaussian of
/// sigma, times alpha, where sigma is 0.05 s min(height, width), alpha is 0.1 s max(height, width) and s is drawn from
/// scale. (keras.layers.RandomElasticTransform, which draws s once for a batch; Simard, Steinkraus, Platt: Best Practices for
/// Convolutional Neural Networks, 2003.)
class RandomElasticTransform {
 public:
  /// Throws hekla::Error on unknown names, where lower is above upper, a bound lies outside [0, 1], or the range of values
  /// is empty.
  explicit RandomElasticTransform(const RandomElasticTransformOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  RandomElasticTransformOptions options_;
  ImageSampling sampling_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
