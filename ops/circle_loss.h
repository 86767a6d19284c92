// A loss of embeddings by the labels of their examples.
#pragma once

#include "graph/tensor.h"
#include "ops/loss.h"

namespace hekla {

/// Options of circle, with Keras's names and defaults.
struct CircleOptions {
  double gamma = 80;  ///< the scale
  double margin = 0.4;
  bool remove_diagonal = true;  ///< an example is not its own pair
};

/// softplus(logsumexp of -gamma (margin + d) (margin - d) over examples with the same label + logsumexp of gamma (1 + margin
/// - d)+ (1 - margin - d) over the others), d = max(1 - e e', 0) the cosine distance to the other example: integer labels
/// [n] or [n, 1] and embeddings e, f32 [n, features] of length 1, give samples [n]. With sum_over_batch_size the mean is
/// over the examples whose loss is positive: one without an example of its label has loss 0. Throws hekla::Error on other
/// shapes and dtypes, and unless gamma is positive. (keras.losses.Circle; Sun et al.: Circle Loss, CVPR 2020.)
Tensor circle(const Tensor& labels, const Tensor& embeddings, const LossOptions& options,
              const CircleOptions& circle);
/// The same with the default options.
Tensor circle(const Tensor& labels, const Tensor& embeddings, const LossOptions& options = {});

}  // namespace hekla
