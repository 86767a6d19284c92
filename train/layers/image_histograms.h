// Layers that look at how the values of an image are distributed: [batch, height, width] with or without channels, each
// channel of each image alone. Bytes and integers are taken as f32. They throw hekla::Error at a call on another rank.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "train/layers/augmentation.h"

namespace hekla {

/// Stretches the values of each channel, from its smallest to its largest, to the whole range of values; a channel of one
/// value stays as it is. In training and in inference. (keras.layers.AutoContrast.)
class AutoContrast {
 public:
  /// Throws hekla::Error where the range of values is empty.
  explicit AutoContrast(const RandomColorOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  std::pair<double, double> value_range_;
  std::shared_ptr<LayerState> state_;
};

/// What Equalization takes, with Keras's names and defaults.
struct EqualizationOptions {
  std::string name = {};
  std::pair<double, double> value_range = {0, 255};
  std::int64_t bins = 256;
};

/// Histogram equalization: replaces each value by the rounded fraction of values up to it, so that all are about equally
/// frequent. In training only. (keras.layers.Equalization, which makes one histogram of a channel for the whole batch.)
class Equalization {
 public:
  /// Throws hekla::Error where the range of values is empty, and on fewer than two bins.
  explicit Equalization(const EqualizationOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  EqualizationOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// What ContrastLimitedAdaptiveHistogramEqualization takes, with Keras's names and defaults.
struct ContrastLimitedOptions {
  std::string name = {};
  std::pair<double, double> value_range = {0, 255};
  double clip_limit = 4;  ///< the height of a bin, in means of all 256; 0: no limit
  std::pair<std::int64_t, std::int64_t> tile_grid_size = {8, 8};  ///< tiles along height and width
};

/// CLAHE: equalizes the histogram of each tile, whose bins are cut at the limit, and interpolates between the tiles. In
/// training and in inference. (keras.layers.ContrastLimitedAdaptiveHistogramEqualization, which on PyTorch rounds the
/// limit down to whole pixels; Zuiderveld: Contrast Limited Adaptive Histogram Equalization, 1994.)
class ContrastLimitedAdaptiveHistogramEqualization {
 public:
  /// Throws hekla::Error where the range of values is empty, the limit is negative, or there is no tile.
  explicit ContrastLimitedAdaptiveHistogramEqualization(const ContrastLimitedOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  ContrastLimitedOptions options_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
