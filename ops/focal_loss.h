// Focal losses: cross-entropies in which what is classified well counts less. Targets come first, predictions second. (Lin
// et al.: Focal Loss for Dense Object Detection, ICCV 2017.)
#pragma once

#include "graph/tensor.h"
#include "ops/loss.h"

namespace hekla {

/// Options of binary_focal_crossentropy, with Keras's names and defaults.
struct BinaryFocalOptions {
  double alpha = 0.25;  ///< the weight of class 1 with apply_class_balancing, 1 - alpha that of class 0
  double gamma = 2;     ///< 0 is binary_crossentropy
  bool apply_class_balancing = false;
  double label_smoothing = 0;
};

/// mean of (1 - q)^gamma * -(target * log(p) + (1 - target) * log(1 - p)) with q = target * p + (1 - target) * (1 - p) and
/// probabilities p (f32) of the targets' shape [.., n]; samples [..]. With apply_class_balancing each term is multiplied
/// by target * alpha + (1 - target) * (1 - alpha). Label smoothing as in binary_crossentropy. Throws hekla::Error when
/// gamma is negative, alpha outside [0, 1], or as binary_crossentropy.
Tensor binary_focal_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                 const LossOptions& options, const BinaryFocalOptions& focal);
/// The same with the default options.
Tensor binary_focal_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                 const LossOptions& options = {});
/// The same with p = sigmoid(logit), without clipping.
Tensor binary_focal_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                             const LossOptions& options, const BinaryFocalOptions& focal);
/// The same with the default options.
Tensor binary_focal_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                             const LossOptions& options = {});

/// Options of categorical_focal_crossentropy, with Keras's names and defaults.
struct CategoricalFocalOptions {
  Tensor alpha = 0.25;  ///< the weight of each class, f32 [classes], or a number for all
  double gamma = 2;     ///< 0 is alpha * categorical_crossentropy
  double label_smoothing = 0;
};

/// -sum of alpha * (1 - p)^gamma * target * log(p), p the probabilities (f32) divided by their sum over the last axis,
/// that of the classes; targets of the same shape. Label smoothing as in categorical_crossentropy. Throws hekla::Error
/// when gamma is negative, alpha has another shape or dtype, or as categorical_crossentropy.
Tensor categorical_focal_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                      const LossOptions& options, const CategoricalFocalOptions& focal);
/// The same with the default options.
Tensor categorical_focal_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                      const LossOptions& options = {});
/// The same with log(p) = log_softmax(logits), without clipping.
Tensor categorical_focal_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                                  const LossOptions& options,
                                                  const CategoricalFocalOptions& focal);
/// The same with the default options.
Tensor categorical_focal_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                                  const LossOptions& options = {});

}  // namespace hekla
