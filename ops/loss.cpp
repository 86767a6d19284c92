// Losses.
#include "ops/loss.h"

#include <fmt/format.h>

#include <numbers>
#include <string>
#include <string_view>

#include "graph/error.h"
#include "ops/activation.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/loss_parts.h"
#include "ops/statistics.h"
#include "ops/view.h"

namespace hekla {

namespace {

constexpr double epsilon = loss_epsilon;

void check_labels(std::string_view op, const Tensor& labels, const Tensor& scores) {
  bool fits = scores.rank() >= 1 && labels.rank() == scores.rank() - 1;
  for (int axis = 0; fits && axis < labels.rank(); ++axis) fits = labels.size(axis) == scores.size(axis);
  if (!fits) {
    const bool is_one_hot =
        labels.shape() == scores.shape() && op.starts_with("sparse_") && labels.rank() > 0;
    const std::string hint = is_one_hot ? fmt::format(" One-hot targets go with {}.",
                                                      op.substr(std::string_view("sparse_").size()))
                                        : "";
    throw Error(
        fmt::format("[{}] labels are {} and scores {}; the scores must have the labels' shape and one more "
                    "axis for the classes.{}",
                    op, describe(labels), describe(scores), hint));
  }
  if (is_float(labels.dtype()) || labels.dtype() == DType::boolean) {
    throw Error(
        fmt::format("[{}] labels are {}; they must be integers (see hk::cast).", op, describe(labels)));
  }
}

Tensor last_mean(const Tensor& x) { return mean(x, {-1}); }
Tensor last_sum(const Tensor& x) { return sum(x, {-1}); }

// -log p of the label.
Tensor cross_entropy_of_labels(const Tensor& labels, const Tensor& logs) {
  const Tensor positions = iota(logs.shape(), logs.rank() - 1);
  const Tensor is_label = positions == broadcast_to(expand_dims(cast(labels, DType::i32), -1), logs.shape());
  return -last_sum(where(is_label, logs, 0));
}

// Maps targets to -1 and 1 if all of them are 0 or 1.
Tensor signs(const Tensor& targets) {
  const Tensor binary = all(targets == 0 || targets == 1);
  return where(binary, 2 * targets - 1, targets);
}

Tensor direction(const Tensor& x) {
  const Tensor length = norm(x, 2, {-1}, KeepDims::yes);
  return x / where(equal(length, 0), 1, length);
}

}  // namespace

Tensor mean_squared_error(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = checked_targets("mean_squared_error", targets, predictions);
  return reduced_losses("mean_squared_error", last_mean(square(t - predictions)), options);
}

Tensor mean_absolute_error(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = checked_targets("mean_absolute_error", targets, predictions);
  return reduced_losses("mean_absolute_error", last_mean(abs(t - predictions)), options);
}

Tensor mean_absolute_percentage_error(const Tensor& targets, const Tensor& predictions,
                                      const LossOptions& options) {
  const Tensor t = checked_targets("mean_absolute_percentage_error", targets, predictions);
  const Tensor share = abs(t - predictions) / maximum(abs(t), epsilon);
  return reduced_losses("mean_absolute_percentage_error", 100 * last_mean(share), options);
}

Tensor mean_squared_logarithmic_error(const Tensor& targets, const Tensor& predictions,
                                      const LossOptions& options) {
  const Tensor t = checked_targets("mean_squared_logarithmic_error", targets, predictions);
  const Tensor error = log1p(maximum(predictions, epsilon)) - log1p(maximum(t, epsilon));
  return reduced_losses("mean_squared_logarithmic_error", last_mean(square(error)), options);
}

Tensor huber(const Tensor& targets, const Tensor& predictions, const LossOptions& options, double delta) {
  if (!(delta > 0)) throw Error(fmt::format("[huber] delta is {}; it must be positive.", delta));
  const Tensor error = checked_targets("huber", targets, predictions) - predictions;
  const Tensor size = abs(error);
  const Tensor losses = where(size <= delta, 0.5 * square(error), delta * size - 0.5 * delta * delta);
  return reduced_losses("huber", last_mean(losses), options);
}

Tensor huber(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  return huber(targets, predictions, options, 1);
}

Tensor log_cosh(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor error = predictions - checked_targets("log_cosh", targets, predictions);
  return reduced_losses("log_cosh", last_mean(error + softplus(-2 * error) - std::numbers::ln2), options);
}

Tensor poisson(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = checked_targets("poisson", targets, predictions);
  return reduced_losses("poisson", last_mean(predictions - t * log(predictions + epsilon)), options);
}

Tensor cosine_similarity(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = checked_targets("cosine_similarity", targets, predictions);
  return reduced_losses("cosine_similarity", -last_sum(direction(t) * direction(predictions)), options);
}

Tensor hinge(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = signs(checked_targets("hinge", targets, predictions));
  return reduced_losses("hinge", last_mean(maximum(1 - t * predictions, 0)), options);
}

Tensor squared_hinge(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = signs(checked_targets("squared_hinge", targets, predictions));
  return reduced_losses("squared_hinge", last_mean(square(maximum(1 - t * predictions, 0))), options);
}

Tensor categorical_hinge(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = checked_targets("categorical_hinge", targets, predictions);
  const Tensor wrong = max((1 - t) * predictions, {-1});
  return reduced_losses("categorical_hinge", maximum(wrong - last_sum(t * predictions) + 1, 0), options);
}

Tensor kl_divergence(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = clip(checked_targets("kl_divergence", targets, predictions), epsilon, 1);
  return reduced_losses("kl_divergence", last_sum(t * log(t / clip(predictions, epsilon, 1))), options);
}

Tensor binary_crossentropy(const Tensor& targets, const Tensor& probabilities, const LossOptions& options,
                           double label_smoothing) {
  const std::string_view op = "binary_crossentropy";
  const Tensor t = smoothed_targets(op, checked_targets(op, targets, probabilities), label_smoothing, 2);
  const Tensor p = clip(probabilities, epsilon, 1 - epsilon);
  return reduced_losses(op, last_mean(-(t * log(p) + (1 - t) * log(1 - p))), options);
}

Tensor binary_crossentropy(const Tensor& targets, const Tensor& probabilities, const LossOptions& options) {
  return binary_crossentropy(targets, probabilities, options, 0);
}

Tensor binary_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                       const LossOptions& options, double label_smoothing) {
  const std::string_view op = "binary_crossentropy_from_logits";
  const Tensor t = smoothed_targets(op, checked_targets(op, targets, logits), label_smoothing, 2);
  // softplus(z) - z t, and for positive z the equal softplus(-z) + z (1 - t). So an infinite logit gives loss
  // 0 where it is right and an infinite loss where it is wrong, never NaN.
  const Tensor positive = logits > 0;
  const Tensor z = where(positive, -logits, logits);
  return reduced_losses(op, last_mean(softplus(z) - target_times_log(where(positive, 1 - t, t), z)), options);
}

Tensor binary_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                       const LossOptions& options) {
  return binary_crossentropy_from_logits(targets, logits, options, 0);
}

Tensor categorical_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                const LossOptions& options, double label_smoothing) {
  const std::string_view op = "categorical_crossentropy";
  const Tensor t = smoothed_targets(op, checked_targets(op, targets, probabilities), label_smoothing,
                                    static_cast<double>(probabilities.size(-1)));
  const Tensor p = probabilities / sum(probabilities, {-1}, KeepDims::yes);
  return reduced_losses(op, -last_sum(t * log(clip(p, epsilon, 1 - epsilon))), options);
}

Tensor categorical_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                const LossOptions& options) {
  return categorical_crossentropy(targets, probabilities, options, 0);
}

Tensor categorical_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                            const LossOptions& options, double label_smoothing) {
  const std::string_view op = "categorical_crossentropy_from_logits";
  const Tensor t = smoothed_targets(op, checked_targets(op, targets, logits), label_smoothing,
                                    static_cast<double>(logits.size(-1)));
  return reduced_losses(op, -last_sum(target_times_log(t, log_softmax(logits))), options);
}

Tensor categorical_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                            const LossOptions& options) {
  return categorical_crossentropy_from_logits(targets, logits, options, 0);
}

Tensor sparse_categorical_crossentropy(const Tensor& labels, const Tensor& probabilities,
                                       const LossOptions& options) {
  check_labels("sparse_categorical_crossentropy", labels, probabilities);
  const Tensor scores = log_softmax(log(clip(probabilities, epsilon, 1 - epsilon)));
  return reduced_losses("sparse_categorical_crossentropy", cross_entropy_of_labels(labels, scores), options);
}

Tensor sparse_categorical_crossentropy_from_logits(const Tensor& labels, const Tensor& logits,
                                                   const LossOptions& options) {
  check_labels("sparse_categorical_crossentropy_from_logits", labels, logits);
  return reduced_losses("sparse_categorical_crossentropy_from_logits",
                        cross_entropy_of_labels(labels, log_softmax(logits)), options);
}

Tensor sparse_categorical_accuracy(const Tensor& labels, const Tensor& scores) {
  check_labels("sparse_categorical_accuracy", labels, scores);
  return mean(cast(equal(argmax(scores), cast(labels, DType::i32)), DType::f32));
}

}  // namespace hekla
