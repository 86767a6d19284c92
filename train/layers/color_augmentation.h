// Random changes of the colors of images, in training only and independent for each image: [batch, height, width, 3], or
// with any number of channels where that is said. Bytes and integers are taken as f32. The layers throw hekla::Error at a
// call on another shape.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "train/layers/augmentation.h"

namespace hekla {

/// Multiplies the saturation (of hue, saturation and value) by f / (1 - f + 1e-7) and clips it to 1: a factor f of 0 makes
/// an image grey, 0.5 leaves it alone, 1 saturates it. (keras.layers.RandomSaturation, which clips to the range of values
/// and of a single number f draws from {-f, f}, against its documentation.)
class RandomSaturation {
 public:
  /// Throws hekla::Error where lower is above upper, a bound lies outside [0, 1], or the range of values is empty.
  explicit RandomSaturation(UnitFactor factor, const RandomColorOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  UnitFactor factor_;
  std::pair<double, double> value_range_;
  std::shared_ptr<LayerState> state_;
};

/// Turns the hue by factor times half of the color circle, in either direction. (keras.layers.RandomHue.)
class RandomHue {
 public:
  /// Throws hekla::Error as RandomSaturation.
  explicit RandomHue(UnitFactor factor, const RandomColorOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  UnitFactor factor_;
  std::pair<double, double> value_range_;
  std::shared_ptr<LayerState> state_;
};

/// Mixes each image with its grey image: x + factor (grey - x). (keras.layers.RandomColorDegeneration, which of a single
/// number f draws from {-f, f}, against its documentation.)
class RandomColorDegeneration {
 public:
  /// Throws hekla::Error as RandomSaturation.
  explicit RandomColorDegeneration(UnitFactor factor, const RandomColorOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  UnitFactor factor_;
  std::pair<double, double> value_range_;
  std::shared_ptr<LayerState> state_;
};

/// Makes images grey, 0.2989 red + 0.587 green + 0.114 blue in all channels, with probability `factor`.
/// (keras.layers.RandomGrayscale.)
class RandomGrayscale {
 public:
  /// Throws hekla::Error unless factor lies in [0, 1].
  explicit RandomGrayscale(double factor = 0.5, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  double factor_;
  std::shared_ptr<LayerState> state_;
};

/// What RandomColorJitter takes, with Keras's names and defaults: an empty factor leaves that out.
struct RandomColorJitterOptions {
  std::string name = {};
  std::pair<double, double> value_range = {0, 255};
  std::optional<RandomFactor> brightness_factor = {};
  std::optional<RandomFactor> contrast_factor = {};
  std::optional<UnitFactor> saturation_factor = {};
  std::optional<UnitFactor> hue_factor = {};
};

/// RandomBrightness, RandomContrast, RandomSaturation and RandomHue in this order. (keras.layers.RandomColorJitter.)
class RandomColorJitter {
 public:
  /// Throws hekla::Error as these four do.
  explicit RandomColorJitter(const RandomColorJitterOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  std::vector<Layer> layers_;
  std::shared_ptr<LayerState> state_;
};

/// Inverts images, lowest + highest value - x, with a probability that is drawn from factor. Any number of channels.
/// (keras.layers.RandomInvert, which leaves the lowest value out.)
class RandomInvert {
 public:
  /// Throws hekla::Error as RandomSaturation.
  explicit RandomInvert(UnitFactor factor = 1.0, const RandomColorOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  UnitFactor factor_;
  std::pair<double, double> value_range_;
  std::shared_ptr<LayerState> state_;
};

/// A number of bits that is drawn, both bounds included; 4 is {4, 4}.
struct RandomBits {
  RandomBits(int bits) : lower(bits), upper(bits) {}
  RandomBits(int lower_bound, int upper_bound) : lower(lower_bound), upper(upper_bound) {}
  int lower, upper;
};

/// Keeps the upper bits of each pixel as a byte from 0 to 255. Any number of channels. (keras.layers.RandomPosterization,
/// which of a single number n draws from 1 to n - 1, against its documentation.)
class RandomPosterization {
 public:
  /// Throws hekla::Error unless 1 <= lower <= upper <= 8, and where the range of values is empty.
  explicit RandomPosterization(RandomBits factor, const RandomColorOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  RandomBits factor_;
  std::pair<double, double> value_range_;
  std::shared_ptr<LayerState> state_;
};

/// What Solarization takes, with Keras's names and defaults.
struct SolarizationOptions {
  std::string name = {};
  UnitFactor addition_factor = 0.0;
  UnitFactor threshold_factor = 0.0;
  std::pair<double, double> value_range = {0, 255};
};

/// Adds a random number to each image, clips, and inverts the pixels that are not below a random threshold; both are
/// fractions of the range of values. Any number of channels. (keras.layers.Solarization, whose lower bounds are not
/// scaled.)
class Solarization {
 public:
  /// Throws hekla::Error as RandomSaturation.
  explicit Solarization(const SolarizationOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  SolarizationOptions options_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
