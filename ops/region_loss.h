// Losses of the overlap between regions, for segmentation. Targets come first, predictions second.
#pragma once

#include <vector>

#include "graph/tensor.h"
#include "ops/loss.h"

namespace hekla {

/// 1 - 2 sum of target * prediction / (sum of targets + sum of predictions + epsilon), sums over `axes`; without axes over
/// all elements, which gives one loss for the batch. With axes, each of the other elements is a sample's loss: {1, 2, 3}
/// for images. Targets of any dtype and predictions (f32) of one shape. Throws hekla::Error on other shapes and dtypes
/// and on axes out of range. (keras.losses.dice; Milletari et al.: V-Net, 3DV 2016.)
Tensor dice(const Tensor& targets, const Tensor& predictions, const LossOptions& options,
            const std::vector<int>& axes);
/// The same over all elements.
Tensor dice(const Tensor& targets, const Tensor& predictions, const LossOptions& options = {});

/// Options of tversky, with Keras's names and defaults.
struct TverskyOptions {
  double alpha = 0.5;  ///< the weight of what is target and not predicted, as in Keras's code
  double beta = 0.5;   ///< the weight of what is predicted and not target
  std::vector<int> axis = {};
};

/// 1 - s / (s + alpha * sum of target * (1 - prediction) + beta * sum of prediction * (1 - target) + epsilon) with s the
/// sum of target * prediction; sums over `axis` as in dice, which it is with the default options. Throws hekla::Error
/// as dice. (keras.losses.tversky; Salehi, Erdogmus, Gholipour: Tversky Loss Function for Image Segmentation Using 3D
/// Fully Convolutional Deep Networks, MLMI 2017.)
Tensor tversky(const Tensor& targets, const Tensor& predictions, const LossOptions& options,
               const TverskyOptions& weights);
/// The same with the default options.
Tensor tversky(const Tensor& targets, const Tensor& predictions, const LossOptions& options = {});

}  // namespace hekla
