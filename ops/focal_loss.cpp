// Focal losses.
#include "ops/focal_loss.h"

#include <fmt/format.h>

#include <string_view>

#include "graph/error.h"
#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/loss_parts.h"
#include "ops/reduce.h"

namespace hekla {

namespace {

void check_gamma(std::string_view op, double gamma) {
  if (!(gamma >= 0)) throw Error(fmt::format("[{}] gamma is {}; it must not be negative.", op, gamma));
}

// x^gamma of an x from 0 on. Below 1 the slope at 0 is infinite, and times a gradient of 0 it would be NaN.
Tensor focal_power(const Tensor& x, double gamma) {
  if (gamma == 0) return 1;
  if (gamma >= 1) return pow(x, gamma);
  return where(x <= 0, 0, pow(where(x <= 0, 1, x), gamma));
}

// The terms of the binary loss, from the cross-entropy of each, p and 1 - p.
Tensor binary_terms(const Tensor& t, const Tensor& crossentropy, const Tensor& p, const Tensor& not_p,
                    const BinaryFocalOptions& focal) {
  const Tensor terms = focal_power(t * not_p + (1 - t) * p, focal.gamma) * crossentropy;
  return focal.apply_class_balancing ? (t * focal.alpha + (1 - t) * (1 - focal.alpha)) * terms : terms;
}

Tensor binary_targets(std::string_view op, const Tensor& targets, const Tensor& predictions,
                      const BinaryFocalOptions& focal) {
  check_gamma(op, focal.gamma);
  if (!(focal.alpha >= 0 && focal.alpha <= 1))
    throw Error(fmt::format("[{}] alpha is {}; it must lie in [0, 1].", op, focal.alpha));
  return smoothed_targets(op, checked_targets(op, targets, predictions), focal.label_smoothing, 2);
}

Tensor categorical_targets(std::string_view op, const Tensor& targets, const Tensor& predictions,
                           const CategoricalFocalOptions& focal) {
  check_gamma(op, focal.gamma);
  const Tensor t = checked_targets(op, targets, predictions);
  const Tensor& alpha = focal.alpha;
  if (!is_float(alpha.dtype()) || alpha.rank() > 1 || (alpha.rank() == 1 && alpha.size(0) != t.size(-1)))
    throw Error(fmt::format("[{}] alpha is {} for {} classes; it must be a number or one for each class.", op,
                            describe(alpha), t.size(-1)));
  return smoothed_targets(op, t, focal.label_smoothing, static_cast<double>(t.size(-1)));
}

}  // namespace

Tensor binary_focal_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                 const LossOptions& options, const BinaryFocalOptions& focal) {
  const std::string_view op = "binary_focal_crossentropy";
  const Tensor t = binary_targets(op, targets, probabilities, focal);
  const Tensor p = clip(probabilities, loss_epsilon, 1 - loss_epsilon);
  const Tensor crossentropy = -(t * log(p) + (1 - t) * log(1 - p));
  return reduced_losses(
      op, mean(binary_terms(t, crossentropy, probabilities, 1 - probabilities, focal), {-1}), options);
}

Tensor binary_focal_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                 const LossOptions& options) {
  return binary_focal_crossentropy(targets, probabilities, options, {});
}

Tensor binary_focal_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                             const LossOptions& options, const BinaryFocalOptions& focal) {
  const std::string_view op = "binary_focal_crossentropy_from_logits";
  const Tensor t = binary_targets(op, targets, logits, focal);
  const Tensor crossentropy =
      -(target_times_log(t, log_sigmoid(logits)) + target_times_log(1 - t, log_sigmoid(-logits)));
  return reduced_losses(
      op, mean(binary_terms(t, crossentropy, sigmoid(logits), sigmoid(-logits), focal), {-1}), options);
}

Tensor binary_focal_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                             const LossOptions& options) {
  return binary_focal_crossentropy_from_logits(targets, logits, options, {});
}

Tensor categorical_focal_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                      const LossOptions& options, const CategoricalFocalOptions& focal) {
  const std::string_view op = "categorical_focal_crossentropy";
  const Tensor t = categorical_targets(op, targets, probabilities, focal);
  const Tensor p =
      clip(probabilities / sum(probabilities, {-1}, KeepDims::yes), loss_epsilon, 1 - loss_epsilon);
  return reduced_losses(op, -sum(focal.alpha * focal_power(1 - p, focal.gamma) * (t * log(p)), {-1}),
                        options);
}

Tensor categorical_focal_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                      const LossOptions& options) {
  return categorical_focal_crossentropy(targets, probabilities, options, {});
}

Tensor categorical_focal_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                                  const LossOptions& options,
                                                  const CategoricalFocalOptions& focal) {
  const std::string_view op = "categorical_focal_crossentropy_from_logits";
  const Tensor t = categorical_targets(op, targets, logits, focal);
  const Tensor logs = log_softmax(logits);
  const Tensor terms = focal_power(-expm1(logs), focal.gamma) * target_times_log(t, logs);
  return reduced_losses(op, -sum(focal.alpha * terms, {-1}), options);
}

Tensor categorical_focal_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                                  const LossOptions& options) {
  return categorical_focal_crossentropy_from_logits(targets, logits, options, {});
}

}  // namespace hekla
