// Normalizations. Bytes and integers are taken as f32. gamma, where a layer scales, starts at 1 and beta,
// where it shifts, at 0.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "train/layers/layer.h"

namespace hekla {

/// What BatchNormalization takes, with Keras's names and defaults.
struct BatchNormalizationOptions {
  std::string name = {};
  int axis = -1;  ///< the axis of the features
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;  ///< beta is added
  bool scale = true;   ///< gamma is multiplied
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Initializer moving_mean_initializer = "zeros";
  Initializer moving_variance_initializer = "ones";
  Regularizer beta_regularizer = nullptr;
  Regularizer gamma_regularizer = nullptr;
  Constraint beta_constraint = nullptr;
  Constraint gamma_constraint = nullptr;
  bool trainable = true;  ///< false: the moving statistics are used, and not updated, in training, too
};

/// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta with a mean and a (biased) variance for each
/// feature: in training those of the batch, over all axes but `axis`, in inference the moving ones. A step of
/// training sets moving to moving * momentum + batch's * (1 - momentum). Weights gamma and beta, and the
/// moving_mean and moving_variance, which are not trained, each [features]. Where x has a mask of times (see
/// Mode::set_mask), those that do not count are left out of mean and variance. Throws hekla::Error at a call
/// when x has no axis besides that of the features. (keras.layers.BatchNormalization; Ioffe, Szegedy: Batch
/// Normalization, ICML 2015.)
class BatchNormalization {
 public:
  /// Throws hekla::Error unless momentum lies in [0, 1] and epsilon is not negative.
  explicit BatchNormalization(BatchNormalizationOptions options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// gamma, beta, moving_mean and moving_variance; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  BatchNormalizationOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// What LayerNormalization takes, with Keras's names and defaults.
struct LayerNormalizationOptions {
  std::string name = {};
  std::vector<int> axis = {-1};  ///< the axes that are normalized together
  double epsilon = 1e-3;
  bool center = true;  ///< beta is added
  bool scale = true;   ///< gamma is multiplied
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = nullptr;
  Regularizer gamma_regularizer = nullptr;
  Constraint beta_constraint = nullptr;
  Constraint gamma_constraint = nullptr;
  bool trainable = true;
};

/// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta with mean and (biased) variance over `axis` of
/// each sample; weights gamma and beta with the sizes of those axes. Throws hekla::Error at a call when x has
/// no such axes or a rank below 2. (keras.layers.LayerNormalization; Ba, Kiros, Hinton 2016.)
class LayerNormalization {
 public:
  /// Throws hekla::Error when no axis is named or epsilon is negative.
  explicit LayerNormalization(LayerNormalizationOptions options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// gamma and beta; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  LayerNormalizationOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// What GroupNormalization takes, with Keras's names and defaults.
struct GroupNormalizationOptions {
  std::string name = {};
  double epsilon = 1e-3;
  bool center = true;  ///< beta is added
  bool scale = true;   ///< gamma is multiplied
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = nullptr;
  Regularizer gamma_regularizer = nullptr;
  Constraint beta_constraint = nullptr;
  Constraint gamma_constraint = nullptr;
  bool trainable = true;
};

/// The channels, x's last axis, are divided into groups; each is normalized together with the spatial axes of
/// its sample, then scaled and shifted channel by channel: x [batch, .., channels], weights gamma and beta
/// [channels]. Throws hekla::Error at a call when x has a rank below 2 or the groups do not divide the
/// channels. (keras.layers.GroupNormalization; Wu, He: Group Normalization, ECCV 2018.)
class GroupNormalization {
 public:
  /// With -1 groups, each channel is a group, which is instance normalization. Throws hekla::Error on another
  /// number below 1 or a negative epsilon.
  explicit GroupNormalization(std::int64_t groups = 32, GroupNormalizationOptions options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// gamma and beta; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  std::int64_t groups_;
  GroupNormalizationOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// What RMSNormalization takes, with Keras's names and defaults.
struct RMSNormalizationOptions {
  std::string name = {};
  std::vector<int> axis = {-1};  ///< the axes that are normalized together
  double epsilon = 1e-6;
  bool trainable = true;
};

/// y = scale * x / sqrt(mean of x^2 over `axis` + epsilon), with a weight scale of the sizes of those axes, which starts at
/// 1. Throws hekla::Error at a call as LayerNormalization. (keras.layers.RMSNormalization; Zhang, Sennrich: Root Mean
/// Square Layer Normalization, NeurIPS 2019.)
class RMSNormalization {
 public:
  /// Throws hekla::Error on a negative epsilon and on no axis.
  explicit RMSNormalization(RMSNormalizationOptions options = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

  /// scale; empty before the first call.
  std::vector<Tensor> weights() const { return state_->weights(); }

 private:
  RMSNormalizationOptions options_;
  std::shared_ptr<LayerState> state_;
};

/// x divided by its Euclidean norm over `axis`; 0 stays 0. (keras.layers.UnitNormalization.)
class UnitNormalization {
 public:
  /// Throws hekla::Error on no axis.
  explicit UnitNormalization(std::vector<int> axis = {-1}, std::string name = {});
  Tensor operator()(const Tensor& x, const Mode& mode = {}) const;

 private:
  std::vector<int> axis_;
  std::shared_ptr<LayerState> state_;
};

}  // namespace hekla
