// Losses with Keras's names, clipping and reductions (keras/src/losses), and a few metrics. Targets come
// first, predictions second. Each loss is one number per sample, mostly reduced over the last axis.
// `LossOptions` says how the samples' losses are weighted and reduced. Probabilities are clipped to stay
// epsilon = 1e-7 away from 0 and 1.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// How the losses l of N samples are reduced to the result.
enum class Reduction {
  sum_over_batch_size,  ///< sum(l) / N
  sum,                  ///< sum(l)
  none,                 ///< l
};

struct LossOptions {
  Reduction reduction = Reduction::sum_over_batch_size;
  /// Weights (f32) of the samples' losses; N stays the number of samples. Axes of size 1 are repeated and
  /// axes are appended, until the shape is that of the samples' losses.
  Tensor sample_weight = {};
};

// Regression. Targets of any dtype and predictions (f32) of one shape [.., n] give samples [..].

/// mean of (target - prediction)^2.
Tensor mean_squared_error(const Tensor& targets, const Tensor& predictions, const LossOptions& options = {});
/// mean of |target - prediction|.
Tensor mean_absolute_error(const Tensor& targets, const Tensor& predictions, const LossOptions& options = {});
/// 100 * mean of |target - prediction| / max(|target|, epsilon).
Tensor mean_absolute_percentage_error(const Tensor& targets, const Tensor& predictions,
                                      const LossOptions& options = {});
/// mean of (log(1 + max(prediction, epsilon)) - log(1 + max(target, epsilon)))^2.
Tensor mean_squared_logarithmic_error(const Tensor& targets, const Tensor& predictions,
                                      const LossOptions& options = {});
/// mean of e^2 / 2 where |e| <= delta and delta |e| - delta^2 / 2 elsewhere, e = target - prediction. Throws
/// hekla::Error unless delta is positive. (Huber: Robust Estimation of a Location Parameter, 1964.)
Tensor huber(const Tensor& targets, const Tensor& predictions, const LossOptions& options, double delta);
/// The same with delta 1.
Tensor huber(const Tensor& targets, const Tensor& predictions, const LossOptions& options = {});
/// mean of log(cosh(prediction - target)), which never overflows.
Tensor log_cosh(const Tensor& targets, const Tensor& predictions, const LossOptions& options = {});
/// mean of prediction - target * log(prediction + epsilon).
Tensor poisson(const Tensor& targets, const Tensor& predictions, const LossOptions& options = {});
/// -sum of target / |target| * prediction / |prediction|: -1 for the same direction, 1 for the opposite one,
/// 0 where either is a zero vector.
Tensor cosine_similarity(const Tensor& targets, const Tensor& predictions, const LossOptions& options = {});

// Margins. Targets are -1 and 1; targets that are all 0 or 1 are mapped to -1 and 1, as in Keras.

/// mean of max(1 - target * prediction, 0); shapes as in regression.
Tensor hinge(const Tensor& targets, const Tensor& predictions, const LossOptions& options = {});
/// mean of max(1 - target * prediction, 0)^2; shapes as in regression.
Tensor squared_hinge(const Tensor& targets, const Tensor& predictions, const LossOptions& options = {});
/// max(1 + largest of (1 - target) * prediction - sum of target * prediction, 0) with one-hot targets; shapes
/// as in regression, and the last axis holds the classes.
Tensor categorical_hinge(const Tensor& targets, const Tensor& predictions, const LossOptions& options = {});

// Probabilities. The last axis holds the classes. A class that a logit of -inf rules out adds nothing to the
// loss if its target is 0; with any other target the loss is infinite.

/// sum of target * log(target / prediction), both kept within [epsilon, 1]; shapes as in regression.
Tensor kl_divergence(const Tensor& targets, const Tensor& predictions, const LossOptions& options = {});
/// mean of -(target * log(p) + (1 - target) * log(1 - p)) with probabilities p; shapes as in regression.
/// Label smoothing s replaces a target t by t (1 - s) + s / 2. Throws hekla::Error when s is outside [0, 1].
Tensor binary_crossentropy(const Tensor& targets, const Tensor& probabilities, const LossOptions& options,
                           double label_smoothing);
/// The same without label smoothing.
Tensor binary_crossentropy(const Tensor& targets, const Tensor& probabilities,
                           const LossOptions& options = {});
/// The same with p = sigmoid(logit), in the form softplus(logit) - logit * target, which never overflows.
Tensor binary_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                       const LossOptions& options, double label_smoothing);
/// The same without label smoothing.
Tensor binary_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                       const LossOptions& options = {});
/// -sum of target * log(p), p the probabilities divided by their sum; shapes as in regression. Label
/// smoothing s over n classes replaces a target t by t (1 - s) + s / n. Throws hekla::Error when s is outside
/// [0, 1].
Tensor categorical_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                const LossOptions& options, double label_smoothing);
/// The same without label smoothing.
Tensor categorical_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                const LossOptions& options = {});
/// The same with log(p) = log_softmax(logits).
Tensor categorical_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                            const LossOptions& options, double label_smoothing);
/// The same without label smoothing.
Tensor categorical_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                            const LossOptions& options = {});
/// -log(p[label]) for labels (integers) [..] and probabilities (f32) [.., classes]. The probabilities are
/// clipped to [epsilon, 1 - epsilon] and then divided by their sum, as Keras does. A label outside [0,
/// classes) names no class and contributes 0: check labels where they are read.
Tensor sparse_categorical_crossentropy(const Tensor& labels, const Tensor& probabilities,
                                       const LossOptions& options = {});
/// The same with log(p) = log_softmax(logits).
Tensor sparse_categorical_crossentropy_from_logits(const Tensor& labels, const Tensor& logits,
                                                   const LossOptions& options = {});

/// Fraction of samples whose largest score (the first one among equals) is at their label: labels (integers)
/// [..], scores [.., classes].
Tensor sparse_categorical_accuracy(const Tensor& labels, const Tensor& scores);

}  // namespace hekla
