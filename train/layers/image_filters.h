// Random sharpening, blurring and erasing of images, in training only and independent for each image: [batch, height,
// width] with or without channels. Bytes and integers are taken as f32. The layers throw hekla::Error at a call on another
// rank.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "train/layers/augmentation.h"

namespace hekla {

/// x + (1 - 2 factor) (smooth - x), clipped, where a smooth pixel is 5/13 of it and 1/13 of each of its neighbours, zeros
/// beyond the border: 0 blurs, 0.5 leaves images alone, 1 sharpens. (keras.layers.RandomSharpness.)
class RandomSharpness {
 public:
  /// Throws hekla::Error where lower is above upper, a bound lies outside [0, 1], or the range of values is empty.
  explicit RandomSharpness(UnitFactor factor, const RandomColorOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  UnitFactor factor_;
  std::pair<double, double> value_range_;
  std::shared_ptr<LayerState> state_;
};

/// What RandomGaussianBlur takes, with Keras's names and defaults.
struct RandomGaussianBlurOptions {
  std::string name = {};
  UnitFactor factor = 1.0;  ///< of it, the probability of blurring an image is drawn
  std::int64_t kernel_size = 3;
  UnitFactor sigma = 1.0;  ///< of it, the standard deviations along height and width are drawn, in pixels
  std::pair<double, double> value_range = {0, 255};
};

/// Convolves images with a Gaussian kernel, zeros beyond the border, and clips. (keras.layers.RandomGaussianBlur, which
/// draws sigma once for a batch.)
class RandomGaussianBlur {
 public:
  /// Throws hekla::Error as RandomSharpness, and unless kernel_size is odd and positive.
  explicit RandomGaussianBlur(const RandomGaussianBlurOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  RandomGaussianBlurOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// What RandomErasing takes, with Keras's names and defaults.
struct RandomErasingOptions {
  std::string name = {};
  UnitFactor factor = 1.0;  ///< of it, the probability of erasing is drawn
  UnitFactor scale = {0.02,
                      0.33};  ///< of it, the squares of the patch's height and width are drawn, as fractions
  /// A number, or one for each channel; none: normally distributed noise times the highest value, clipped.
  std::vector<double> fill_value = {};
  std::pair<double, double> value_range = {0, 255};
};

/// Fills a rectangle at a random place of each image. (keras.layers.RandomErasing; Zhong, Zheng, Kang, Li, Yang: Random
/// Erasing Data Augmentation, 2020.)
class RandomErasing {
 public:
  /// Throws hekla::Error as RandomSharpness, and at a call where the number of fill values is not that of the channels.
  explicit RandomErasing(const RandomErasingOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  RandomErasingOptions options_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
