// Losses of overlap.
#include "ops/region_loss.h"

#include "ops/elementwise.h"
#include "ops/loss_parts.h"
#include "ops/reduce.h"

namespace hekla {

Tensor dice(const Tensor& targets, const Tensor& predictions, const LossOptions& options,
            const std::vector<int>& axes) {
  const Tensor t = checked_targets("dice", targets, predictions);
  const Tensor whole = sum(t, axes) + sum(predictions, axes) + loss_epsilon;
  return reduced_losses("dice", 1 - 2 * sum(t * predictions, axes) / whole, options);
}

Tensor dice(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  return dice(targets, predictions, options, {});
}

Tensor tversky(const Tensor& targets, const Tensor& predictions, const LossOptions& options,
               const TverskyOptions& weights) {
  const Tensor t = checked_targets("tversky", targets, predictions);
  const Tensor shared = sum(t * predictions, weights.axis);
  const Tensor missed = sum(t * (1 - predictions), weights.axis);
  const Tensor wrong = sum(predictions * (1 - t), weights.axis);
  const Tensor whole = shared + weights.alpha * missed + weights.beta * wrong + loss_epsilon;
  return reduced_losses("tversky", 1 - shared / whole, options);
}

Tensor tversky(const Tensor& targets, const Tensor& predictions, const LossOptions& options) {
  return tversky(targets, predictions, options, {});
}

}  // namespace hekla
