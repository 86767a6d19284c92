// Enlarging spatial axes. Tensors are channels last, [batch, spatial axes, channels]; bytes and integers are taken as
// f32.
#pragma once

#include <memory>
#include <string>

#include "train/layers/image_sampling.h"
#include "train/layers/layer.h"
#include "train/layers/shape.h"
#include "train/layers/spatial_options.h"

namespace hekla {

/// Each position size times along each spatial axis: [batch, n, channels] to [batch, n * size, channels]. Throws
/// hekla::Error at a call when x has another rank.
template <int axes>
class UpSampling {
 public:
  /// Throws hekla::Error unless sizes are positive and there is one for each spatial axis or one for all.
  explicit UpSampling(AxisSizes size = 2, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  AxisSizes size_;
  std::shared_ptr<LayerState> state_;
};

/// Over one and three spatial axes. (keras.layers.UpSampling1D, UpSampling3D.)
using UpSampling1D = UpSampling<1>;
using UpSampling3D = UpSampling<3>;

/// What UpSampling2D takes, with Keras's names and defaults.
struct UpSampling2DOptions {
  std::string name = {};
  std::string interpolation = "nearest";  ///< or "bilinear"
};

/// Images size times as high and wide: [batch, height, width, channels] to [batch, height * size, width * size,
/// channels]. Nearest repeats each pixel; bilinear interpolates between the centers of pixels. Throws hekla::Error at a
/// call when x has another rank. (keras.layers.UpSampling2D.)
class UpSampling2D {
 public:
  /// Throws hekla::Error on another interpolation, and unless sizes are positive and there is one for each spatial axis
  /// or one for both.
  explicit UpSampling2D(AxisSizes size = 2, const UpSampling2DOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  AxisSizes size_;
  Interpolation interpolation_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
