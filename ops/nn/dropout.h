// Dropout and its kin.
#pragma once

#include "graph/tensor.h"
#include "ops/random.h"

namespace hekla {

/// Inverted dropout: each element of x (f32) is 0 with probability `rate`, else x / (1 - rate), which
/// preserves the mean. The key decides which elements are 0: let a training step advance its stream, and omit
/// dropout at inference. Throws hekla::Error unless 0 <= rate <= 1. (keras.layers.Dropout; Srivastava et al.,
/// JMLR 2014.)
Tensor dropout(const Tensor& x, double rate, const RandomKey& key);

/// The same with one decision for all elements that share a place of `noise_shape`, which has the rank of x and sizes of
/// 1 where x's axis shares it: {batch, 1, channels} keeps or drops a channel at all times. Throws hekla::Error on
/// another noise_shape. (keras.layers.SpatialDropout1D; Tompson et al.: Efficient Object Localization Using
/// Convolutional Networks, CVPR 2015.)
Tensor dropout(const Tensor& x, double rate, const RandomKey& key, const Shape& noise_shape);

/// Dropout after selu: each element of x (f32) is, with probability `rate`, what selu saturates at, c =
/// -1.0507009873554805 * 1.6732632423543772, and then all are scaled and shifted, a y + b with a = ((1 - rate) (1 +
/// rate c^2))^(-1/2) and b = -a c rate, which preserves a mean of 0 and a variance of 1. Throws hekla::Error unless 0 <=
/// rate < 1. (keras.layers.AlphaDropout; Klambauer et al.: Self-Normalizing Neural Networks, NeurIPS 2017.)
Tensor alpha_dropout(const Tensor& x, double rate, const RandomKey& key);

}  // namespace hekla
