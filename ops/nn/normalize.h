// Normalizations. gamma scales and beta shifts the normalized values; an empty tensor omits that. Epsilons
// are those of Keras's layers. All of them compute in f32 and throw hekla::Error `[name] ...` when x is not
// f32, an axis is out of range, an averaged axis has no elements, or gamma, beta or the statistics do not
// have the documented shape.
#pragma once

#include <vector>

#include "graph/run/evaluator.h"
#include "graph/tensor.h"
#include "ops/axes.h"

namespace hekla {

/// gamma * (x - mean) / sqrt(variance + epsilon) + beta with given statistics, each a vector over the feature
/// `axis`: batch normalization at inference. (keras.ops.batch_normalization; Ioffe, Szegedy: Batch
/// Normalization, ICML 2015.)
Tensor batch_normalization(const Tensor& x, const Tensor& mean, const Tensor& variance,
                           const Tensor& gamma = {}, const Tensor& beta = {}, int axis = -1,
                           double epsilon = 1e-3);

struct BatchNormalized {
  Tensor output;
  std::vector<Update> updates;  ///< of the moving mean and variance; pass them to the step's computation
};
/// Batch normalization in training: the same with mean and (biased) variance of x itself over all axes but
/// `axis`, through which gradients flow. The variables `moving_mean` and `moving_variance` [features] are
/// updated to moving * momentum + batch's * (1 - momentum). A `mask`, bool of x's leading axes, leaves the
/// elements where it is false out of mean and variance; without any that counts both are 0. Throws hekla::Error
/// on a mask of another shape or dtype. (keras.layers.BatchNormalization; initialize them with 0 and 1.)
BatchNormalized batch_normalization_training(const Tensor& x, const Tensor& moving_mean,
                                             const Tensor& moving_variance, const Tensor& gamma = {},
                                             const Tensor& beta = {}, int axis = -1, double momentum = 0.99,
                                             double epsilon = 1e-3, const Tensor& mask = {});

/// gamma * (x - mean) / sqrt(variance + epsilon) + beta with mean and (biased) variance over `axes` of each
/// sample; gamma and beta have the sizes of those axes. (keras.layers.LayerNormalization; Ba, Kiros, Hinton
/// 2016.)
Tensor layer_normalization(const Tensor& x, const Tensor& gamma = {}, const Tensor& beta = {},
                           const Axes& axes = {-1}, double epsilon = 1e-3);

/// The channels, x's last axis, are divided into `groups`, each of which is normalized together with the
/// spatial axes: x [batch, .., channels]; gamma and beta [channels]. `groups` must divide the channels.
/// (keras.layers.GroupNormalization; Wu, He: Group Normalization, ECCV 2018.)
Tensor group_normalization(const Tensor& x, std::int64_t groups, const Tensor& gamma = {},
                           const Tensor& beta = {}, double epsilon = 1e-3);

/// Group normalization with every channel a group of its own. (Ulyanov, Vedaldi, Lempitsky 2016.)
Tensor instance_normalization(const Tensor& x, const Tensor& gamma = {}, const Tensor& beta = {},
                              double epsilon = 1e-3);

/// gamma * x / sqrt(mean of x^2 over `axes` + epsilon); gamma has the sizes of those axes.
/// (keras.layers.RMSNormalization; Zhang, Sennrich: Root Mean Square Layer Normalization, NeurIPS 2019.)
Tensor rms_normalization(const Tensor& x, const Tensor& gamma = {}, const Axes& axes = {-1},
                         double epsilon = 1e-6);

}  // namespace hekla
