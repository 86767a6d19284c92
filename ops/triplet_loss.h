// A loss of distances between examples: what is alike is to be nearer than what is not.
#pragma once

#include "graph/tensor.h"
#include "ops/loss.h"

namespace hekla {

/// Options of triplet_margin_loss, with PyTorch's names and defaults.
struct TripletOptions {
  double margin = 1;
  double p = 2;  ///< the order of the norm: 1, 2 or infinity
  double eps = 1e-6;
  bool swap = false;  ///< takes the nearer of anchor and positive as the distance to the negative
};

/// max(|anchor - positive + eps| - |anchor - negative + eps| + margin, 0) with norms over the last axis: f32 [.., n] of
/// one shape give samples [..]. Throws hekla::Error on other shapes and dtypes, when margin or eps is not a positive
/// number, and on another order. (torch.nn.functional.triplet_margin_loss; Balntas et al.: Learning Local Feature
/// Descriptors with Triplets and Shallow Convolutional Neural Networks, BMVC 2016.)
Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const LossOptions& options = {}, const TripletOptions& triplet = {});

}  // namespace hekla
