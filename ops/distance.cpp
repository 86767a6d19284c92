// Distances between points.
#include "ops/distance.h"

#include <fmt/format.h>

#include <cmath>

#include "graph/error.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/statistics.h"
#include "ops/view.h"

namespace hekla {

Tensor cdist(const Tensor& a, const Tensor& b, double p) {
  if (a.rank() < 2 || b.rank() < 2 || a.size(-1) != b.size(-1)) {
    throw Error(fmt::format("[cdist] {} and {}; both must be [.., points, d] with the same d.", describe(a),
                            describe(b)));
  }
  if (a.dtype() != DType::f32 || b.dtype() != DType::f32)
    throw Error(fmt::format("[cdist] {} and {}; both must be f32 (see hk::cast).", describe(a), describe(b)));
  if (p != 1 && p != 2 && !(std::isinf(p) && p > 0))
    throw Error(fmt::format("[cdist] p is {}; it must be 1, 2 or infinity.", p));
  const Tensor differences = expand_dims(a, -2) - expand_dims(b, -3);
  if (differences.count() > 0) return norm(differences, p, {-1});
  Shape shape;
  for (int axis = 0; axis < differences.rank() - 1; ++axis) shape.push_back(differences.size(axis));
  return zeros(shape);
}

}  // namespace hekla
