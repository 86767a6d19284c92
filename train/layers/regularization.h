// Layers that regularize: noise in training, and a penalty on what passes. Bytes and integers are taken as f32. All pass
// on the mask of times of x (see Mode::set_mask). The random numbers come from the training key.
#pragma once

#include <memory>

#include "train/layers/layer.h"
#include "train/layers/shape.h"

namespace hekla {

/// Dropout of whole channels: in training, all positions of a channel of an example are 0 with probability `rate`, else
/// x / (1 - rate); in inference returns x. x [batch, spatial axes, channels]. Throws hekla::Error at a call when x has
/// another rank. (See hk::dropout.)
template <int axes>
class SpatialDropout {
 public:
  /// Throws hekla::Error unless 0 <= rate <= 1.
  explicit SpatialDropout(double rate, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  double rate_;
  std::shared_ptr<LayerState> state_;
};

/// Over one, two and three spatial axes. (keras.layers.SpatialDropout1D, SpatialDropout2D, SpatialDropout3D.)
using SpatialDropout1D = SpatialDropout<1>;
using SpatialDropout2D = SpatialDropout<2>;
using SpatialDropout3D = SpatialDropout<3>;

/// In training x plus normally distributed numbers with mean 0 and this standard deviation; in inference returns x.
/// (keras.layers.GaussianNoise.)
class GaussianNoise {
 public:
  /// Throws hekla::Error unless 0 <= stddev <= 1, as Keras does.
  explicit GaussianNoise(double stddev, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  double stddev_;
  std::shared_ptr<LayerState> state_;
};

/// In training x times normally distributed numbers with mean 1 and standard deviation sqrt(rate / (1 - rate)), that of
/// dropout; in inference returns x. (keras.layers.GaussianDropout; Srivastava et al., JMLR 2014.)
class GaussianDropout {
 public:
  /// Throws hekla::Error unless 0 <= rate < 1.
  explicit GaussianDropout(double rate, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  double rate_;
  std::shared_ptr<LayerState> state_;
};

/// In training dropout that preserves mean and variance after selu, see hk::alpha_dropout; in inference returns x.
/// (keras.layers.AlphaDropout.)
class AlphaDropout {
 public:
  /// Throws hekla::Error unless 0 <= rate < 1.
  explicit AlphaDropout(double rate, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  double rate_;
  std::shared_ptr<LayerState> state_;
};

/// Returns x and adds (l1 * sum of |x| + l2 * sum of x^2) / batch to the loss, in training and in inference.
/// (keras.layers.ActivityRegularization.)
class ActivityRegularization {
 public:
  /// Throws hekla::Error on a factor that is negative or not finite.
  explicit ActivityRegularization(double l1 = 0, double l2 = 0, const LayerOptions& options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  Regularizer regularizer_;  // empty where both factors are 0
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
