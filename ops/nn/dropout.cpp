// Dropout.
#include "ops/nn/dropout.h"

#include <fmt/format.h>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"

namespace hekla {

Tensor dropout(const Tensor& x, double rate, const RandomKey& key) {
  if (!(rate >= 0 && rate <= 1)) {
    throw Error(fmt::format("[dropout] rate is {}; it must lie in [0, 1].", rate));
  }
  if (x.dtype() != DType::f32) {
    throw Error(fmt::format("[dropout] x is {}; it must be f32 (see hk::cast).", describe(x)));
  }
  if (rate == 0) return x;
  if (rate == 1) return zeros_like(x);
  return where(random_uniform(x.shape(), key) >= rate, x * (1 / (1 - rate)), 0.0f);
}

}  // namespace hekla
