// Comparisons up to rounding.
#include "ops/close.h"

#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace hekla {

Tensor isclose(const Tensor& a, const Tensor& b, const Closeness& closeness) {
  // The bound of an infinity is infinite: only finite numbers are near each other.
  const Tensor near = isfinite(b) && abs(a - b) <= closeness.atol + closeness.rtol * abs(b);
  const Tensor close = equal(a, b) || near;
  return closeness.equal_nan ? close || (isnan(a) && isnan(b)) : close;
}

Tensor allclose(const Tensor& a, const Tensor& b, const Closeness& closeness) {
  return all(isclose(a, b, closeness));
}

}  // namespace hekla
