// What losses are made of.
#include "ops/loss_parts.h"

#include <fmt/format.h>

#include <limits>
#include <string>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

std::string_view sparse_form(std::string_view crossentropy) {
  return crossentropy.ends_with("_from_logits") ? "sparse_categorical_crossentropy_from_logits"
                                                : "sparse_categorical_crossentropy";
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

}  // namespace

Tensor checked_targets(std::string_view op, const Tensor& targets, const Tensor& predictions) {
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

Tensor smoothed_targets(std::string_view op, const Tensor& targets, double amount, double classes) {
  if (!(amount >= 0 && amount <= 1)) {
    throw Error(fmt::format("[{}] label smoothing is {}; it must lie in [0, 1].", op, amount));
  }
  return amount == 0 ? targets : targets * (1 - amount) + amount / classes;
}

Tensor reduced_losses(std::string_view op, const Tensor& losses, const LossOptions& options) {
  const Tensor all = weighted(op, losses, options.sample_weight);
  if (options.reduction == Reduction::none) return all;
  return options.reduction == Reduction::sum ? sum(all) : mean(all);
}

Tensor target_times_log(const Tensor& targets, const Tensor& logs) {
  return targets * where(targets == 0 && logs == -std::numeric_limits<double>::infinity(), 0, logs);
}

}  // namespace hekla
