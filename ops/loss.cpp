// Losses.
#include "ops/loss.h"

#include <fmt/format.h>

#include <limits>
#include <numbers>
#include <string>
#include <string_view>

#include "graph/error.h"
#include "ops/activation.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/statistics.h"
#include "ops/view.h"

namespace hekla {

namespace {

constexpr double epsilon = 1e-7;
constexpr double infinity = std::numeric_limits<double>::infinity();

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

std::string_view sparse_form(std::string_view crossentropy) {
  return crossentropy.ends_with("_from_logits") ? "sparse_categorical_crossentropy_from_logits"
                                                : "sparse_categorical_crossentropy";
}

// The targets as f32.
Tensor check_targets(std::string_view op, const Tensor& targets, const Tensor& predictions) {
  if (!(targets.shape() == predictions.shape()) || targets.rank() == 0) {
    const bool are_labels = targets.rank() + 1 == predictions.rank() && predictions.size(-1) > 1 &&
                            op.find("_crossentropy") != op.npos;
    const std::string hint = are_labels ? fmt::format(" Labels of classes go with {}.", sparse_form(op)) : "";
    throw Error(
        fmt::format("[{}] targets are {} and predictions {}; both must have one shape of rank 1 or more.{}",
                    op, describe(targets), describe(predictions), hint));
  }
  if (predictions.dtype() != DType::f32) {
    throw Error(fmt::format("[{}] predictions are {}; they must be f32.", op, describe(predictions)));
  }
  return cast(targets, DType::f32);
}

Tensor smooth(std::string_view op, const Tensor& targets, double amount, double classes) {
  if (!(amount >= 0 && amount <= 1)) {
    throw Error(fmt::format("[{}] label smoothing is {}; it must lie in [0, 1].", op, amount));
  }
  return amount == 0 ? targets : targets * (1 - amount) + amount / classes;
}

Tensor weighted(std::string_view op, const Tensor& losses, const Tensor& weight) {
  if (!weight.defined()) return losses;
  bool fits = weight.dtype() == DType::f32 && weight.rank() <= losses.rank();
  for (int axis = 0; fits && axis < weight.rank(); ++axis) {
    fits = weight.size(axis) == losses.size(axis) || weight.size(axis) == 1;
  }
  if (!fits) {
    throw Error(fmt::format(
        "[{}] sample_weight is {} and the samples' losses are {}; it must be f32 and like their first "
        "axes.",
        op, describe(weight), describe(losses)));
  }
  Shape shape = weight.shape();
  while (shape.rank() < losses.rank()) shape.push_back(1);
  return losses * reshape(weight, shape);
}

Tensor reduce(std::string_view op, const Tensor& losses, const LossOptions& options) {
  const Tensor all = weighted(op, losses, options.sample_weight);
  if (options.reduction == Reduction::none) return all;
  return options.reduction == Reduction::sum ? sum(all) : mean(all);
}

Tensor last_mean(const Tensor& x) { return mean(x, {-1}); }
Tensor last_sum(const Tensor& x) { return sum(x, {-1}); }

// t log p, where 0 times -inf is 0: a class with probability 0 and target 0 adds nothing.
Tensor weighed(const Tensor& targets, const Tensor& logs) {
  return targets * where(targets == 0 && logs == -infinity, 0, logs);
}

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
  const Tensor t = check_targets("mean_squared_error", targets, predictions);
  return reduce("mean_squared_error", last_mean(square(t - predictions)), options);
}

Tensor mean_absolute_error(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = check_targets("mean_absolute_error", targets, predictions);
  return reduce("mean_absolute_error", last_mean(abs(t - predictions)), options);
}

Tensor huber(const Tensor& targets, const Tensor& predictions, const LossOptions& options, double delta) {
  if (!(delta > 0)) throw Error(fmt::format("[huber] delta is {}; it must be positive.", delta));
  const Tensor error = check_targets("huber", targets, predictions) - predictions;
  const Tensor size = abs(error);
  const Tensor losses = where(size <= delta, 0.5 * square(error), delta * size - 0.5 * delta * delta);
  return reduce("huber", last_mean(losses), options);
}

Tensor huber(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  return huber(targets, predictions, options, 1);
}

Tensor log_cosh(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor error = predictions - check_targets("log_cosh", targets, predictions);
  return reduce("log_cosh", last_mean(error + softplus(-2 * error) - std::numbers::ln2), options);
}

Tensor poisson(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = check_targets("poisson", targets, predictions);
  return reduce("poisson", last_mean(predictions - t * log(predictions + epsilon)), options);
}

Tensor cosine_similarity(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = check_targets("cosine_similarity", targets, predictions);
  return reduce("cosine_similarity", -last_sum(direction(t) * direction(predictions)), options);
}

Tensor hinge(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = signs(check_targets("hinge", targets, predictions));
  return reduce("hinge", last_mean(maximum(1 - t * predictions, 0)), options);
}

Tensor squared_hinge(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = signs(check_targets("squared_hinge", targets, predictions));
  return reduce("squared_hinge", last_mean(square(maximum(1 - t * predictions, 0))), options);
}

Tensor categorical_hinge(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = check_targets("categorical_hinge", targets, predictions);
  const Tensor wrong = max((1 - t) * predictions, {-1});
  return reduce("categorical_hinge", maximum(wrong - last_sum(t * predictions) + 1, 0), options);
}

Tensor kl_divergence(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  const Tensor t = clip(check_targets("kl_divergence", targets, predictions), epsilon, 1);
  return reduce("kl_divergence", last_sum(t * log(t / clip(predictions, epsilon, 1))), options);
}

Tensor binary_crossentropy(const Tensor& targets, const Tensor& probabilities, const LossOptions& options,
                           double label_smoothing) {
  const std::string_view op = "binary_crossentropy";
  const Tensor t = smooth(op, check_targets(op, targets, probabilities), label_smoothing, 2);
  const Tensor p = clip(probabilities, epsilon, 1 - epsilon);
  return reduce(op, last_mean(-(t * log(p) + (1 - t) * log(1 - p))), options);
}

Tensor binary_crossentropy(const Tensor& targets, const Tensor& probabilities, const LossOptions& options) {
  return binary_crossentropy(targets, probabilities, options, 0);
}

Tensor binary_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                       const LossOptions& options, double label_smoothing) {
  const std::string_view op = "binary_crossentropy_from_logits";
  const Tensor t = smooth(op, check_targets(op, targets, logits), label_smoothing, 2);
  // softplus(z) - z t, and for positive z the equal softplus(-z) + z (1 - t). So an infinite logit gives loss
  // 0 where it is right and an infinite loss where it is wrong, never NaN.
  const Tensor positive = logits > 0;
  const Tensor z = where(positive, -logits, logits);
  return reduce(op, last_mean(softplus(z) - weighed(where(positive, 1 - t, t), z)), options);
}

Tensor binary_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                       const LossOptions& options) {
  return binary_crossentropy_from_logits(targets, logits, options, 0);
}

Tensor categorical_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                const LossOptions& options, double label_smoothing) {
  const std::string_view op = "categorical_crossentropy";
  const Tensor t = smooth(op, check_targets(op, targets, probabilities), label_smoothing,
                          static_cast<double>(probabilities.size(-1)));
  const Tensor p = probabilities / sum(probabilities, {-1}, KeepDims::yes);
  return reduce(op, -last_sum(t * log(clip(p, epsilon, 1 - epsilon))), options);
}

Tensor categorical_crossentropy(const Tensor& targets, const Tensor& probabilities,
                                const LossOptions& options) {
  return categorical_crossentropy(targets, probabilities, options, 0);
}

Tensor categorical_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                            const LossOptions& options, double label_smoothing) {
  const std::string_view op = "categorical_crossentropy_from_logits";
  const Tensor t =
      smooth(op, check_targets(op, targets, logits), label_smoothing, static_cast<double>(logits.size(-1)));
  return reduce(op, -last_sum(weighed(t, log_softmax(logits))), options);
}

Tensor categorical_crossentropy_from_logits(const Tensor& targets, const Tensor& logits,
                                            const LossOptions& options) {
  return categorical_crossentropy_from_logits(targets, logits, options, 0);
}

Tensor sparse_categorical_crossentropy(const Tensor& labels, const Tensor& probabilities,
                                       const LossOptions& options) {
  check_labels("sparse_categorical_crossentropy", labels, probabilities);
  const Tensor scores = log_softmax(log(clip(probabilities, epsilon, 1 - epsilon)));
  return reduce("sparse_categorical_crossentropy", cross_entropy_of_labels(labels, scores), options);
}

Tensor sparse_categorical_crossentropy_from_logits(const Tensor& labels, const Tensor& logits,
                                                   const LossOptions& options) {
  check_labels("sparse_categorical_crossentropy_from_logits", labels, logits);
  return reduce("sparse_categorical_crossentropy_from_logits",
                cross_entropy_of_labels(labels, log_softmax(logits)), options);
}

Tensor sparse_categorical_accuracy(const Tensor& labels, const Tensor& scores) {
  check_labels("sparse_categorical_accuracy", labels, scores);
  return mean(cast(equal(argmax(scores), cast(labels, DType::i32)), DType::f32));
}

}  // namespace hekla
