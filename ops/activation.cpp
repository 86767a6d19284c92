// Activations.
#include "ops/activation.h"

#include "ops/elementwise.h"
#include "ops/reduce.h"
#include "ops/view.h"

namespace hekla {

namespace {

// The shift cancels in value and gradient, so no gradient needs to flow through it.
Tensor shifted(const Tensor& x, int axis) { return x - stop_gradient(max(x, {axis}, KeepDims::yes)); }

}  // namespace

Tensor relu(const Tensor& x) { return where(x > 0, x, 0); }

Tensor softmax(const Tensor& x, int axis) {
  const int along = normalize_axis(axis, x.rank(), "softmax");
  const Tensor e = exp(shifted(x, along));
  return e / sum(e, {along}, KeepDims::yes);
}

Tensor log_softmax(const Tensor& x, int axis) {
  const int along = normalize_axis(axis, x.rank(), "log_softmax");
  const Tensor s = shifted(x, along);
  return s - log(sum(exp(s), {along}, KeepDims::yes));
}

}  // namespace hekla
