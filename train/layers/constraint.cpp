// See constraint.h. Formulas, and the 1e-7 that avoids a division by zero, follow keras/src/constraints.
#include "train/layers/constraint.h"

#include <fmt/format.h>

#include <utility>

#include "graph/error.h"
#include "ops/activation.h"
#include "ops/elementwise.h"
#include "ops/statistics.h"

namespace hekla {

namespace {

constexpr double epsilon = 1e-7;

}  // namespace

Constraint max_norm(double limit, std::vector<int> axes) {
  if (!(limit > 0)) throw Error(fmt::format("[max_norm] limit is {}; it must be positive.", limit));
  return [limit, axes = std::move(axes)](const Tensor& weight) {
    const Tensor length = norm(weight, 2, axes, KeepDims::yes);
    return weight * (minimum(length, limit) / (length + epsilon));
  };
}

Constraint non_negative() {
  return [](const Tensor& weight) { return relu(weight); };
}

Constraint unit_norm(std::vector<int> axes) {
  return [axes = std::move(axes)](const Tensor& weight) {
    return weight / (norm(weight, 2, axes, KeepDims::yes) + epsilon);
  };
}

}  // namespace hekla
