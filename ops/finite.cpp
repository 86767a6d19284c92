// Which numbers are finite, and replacing those that are not.
#include "ops/finite.h"

#include <limits>

#include "ops/create.h"
#include "ops/elementwise.h"

namespace hekla {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double largest(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return 65504;
    case DType::bf16:
      return 0x1.fep127;
    default:
      return std::numeric_limits<float>::max();
  }
}

}  // namespace

Tensor isnan(const Tensor& x) {
  // Only NaN is unequal to itself.
  return is_float(x.dtype()) ? not_equal(x, x) : zeros(x.shape(), boolean);
}

Tensor isinf(const Tensor& x) {
  return is_float(x.dtype()) ? equal(abs(cast(x, f32)), infinity) : zeros(x.shape(), boolean);
}

Tensor isfinite(const Tensor& x) {
  return is_float(x.dtype()) ? abs(cast(x, f32)) < infinity : ones(x.shape(), boolean);
}

Tensor nan_to_num(const Tensor& x, double nan, std::optional<double> posinf, std::optional<double> neginf) {
  if (!is_float(x.dtype())) return x;
  const Tensor number = cast(x, f32);
  const double above = posinf.value_or(largest(x.dtype())), below = neginf.value_or(-largest(x.dtype()));
  const Tensor replaced =
      where(equal(number, infinity), above, where(equal(number, -infinity), below, number));
  return cast(where(isnan(number), nan, replaced), x.dtype());
}

}  // namespace hekla
