// A cross-entropy that bears wrong labels.
#pragma once

#include "graph/tensor.h"
#include "ops/loss.h"

namespace hekla {

/// (1 - p^q) / q with the probability p of the class that is the target: integer classes [..] or [.., 1] and probabilities,
/// f32 [.., classes], give samples [..]. It is near cross-entropy for q near 0 and 1 - p for q = 1. A class outside of 0 to
/// classes - 1 has p = 0. Throws hekla::Error on other shapes and dtypes, and unless 0 < q < 1.
/// (keras.losses.CategoricalGeneralizedCrossEntropy; Zhang, Sabuncu: Generalized Cross Entropy Loss, NeurIPS 2018.)
Tensor categorical_generalized_cross_entropy(const Tensor& classes, const Tensor& probabilities,
                                             const LossOptions& options, double q);
/// The same with q = 0.5.
Tensor categorical_generalized_cross_entropy(const Tensor& classes, const Tensor& probabilities,
                                             const LossOptions& options = {});

}  // namespace hekla
