// The loss of triplets.
#include "ops/triplet_loss.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/elementwise.h"
#include "ops/loss_parts.h"
#include "ops/statistics.h"

namespace hekla {

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const LossOptions& options, const TripletOptions& triplet) {
  for (const Tensor* x : {&anchor, &positive, &negative}) {
    if (!(x->shape() == anchor.shape()) || x->rank() == 0 || x->dtype() != DType::f32)
      throw Error(fmt::format(
          "[triplet_margin_loss] anchor, positive and negative are {}, {} and {}; they must be f32 "
          "of one shape of rank 1 or more.",
          describe(anchor), describe(positive), describe(negative)));
  }
  if (!(triplet.margin > 0) || !(triplet.eps > 0))
    throw Error(fmt::format("[triplet_margin_loss] margin is {} and eps {}; both must be positive.",
                            triplet.margin, triplet.eps));
  const auto distance = [&](const Tensor& a, const Tensor& b) {
    return norm(a - b + triplet.eps, triplet.p, {-1});
  };
  Tensor to_negative = distance(anchor, negative);
  if (triplet.swap) to_negative = minimum(to_negative, distance(positive, negative));
  const Tensor losses = maximum(distance(anchor, positive) - to_negative + triplet.margin, 0);
  return reduced_losses("triplet_margin_loss", losses, options);
}

}  // namespace hekla
