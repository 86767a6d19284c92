// See generalized_cross_entropy.h.
#include "ops/generalized_cross_entropy.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/exponential.h"
#include "ops/gather.h"
#include "ops/loss_parts.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

Tensor categorical_generalized_cross_entropy(const Tensor& classes, const Tensor& probabilities,
                                             const LossOptions& options, double q) {
  constexpr const char* op = "categorical_generalized_cross_entropy";
  if (!(q > 0 && q < 1)) throw Error(fmt::format("[{}] q is {}; it must lie between 0 and 1.", op, q));
  const bool is_column =
      classes.rank() > 0 && classes.rank() == probabilities.rank() && classes.size(-1) == 1;
  const Tensor targets = is_column ? squeeze(classes, {-1}) : classes;
  bool fits = probabilities.dtype() == DType::f32 && !is_float(classes.dtype()) &&
              classes.dtype() != DType::boolean && targets.rank() + 1 == probabilities.rank();
  for (int axis = 0; fits && axis < targets.rank(); ++axis)
    fits = targets.size(axis) == probabilities.size(axis);
  if (!fits)
    throw Error(
        fmt::format("[{}] classes are {} and probabilities {}; they must be integers [..] or [.., 1] and f32 "
                    "[.., classes].",
                    op, describe(classes), describe(probabilities)));
  const Tensor p = sum(probabilities * one_hot(targets, probabilities.size(-1)), {-1});
  return reduced_losses(op, (1 - pow(p, q)) / q, options);
}

Tensor categorical_generalized_cross_entropy(const Tensor& classes, const Tensor& probabilities,
                                             const LossOptions& options) {
  return categorical_generalized_cross_entropy(classes, probabilities, options, 0.5);
}

}  // namespace hekla
