// Elementwise functions on every device, both of elements in memory and folded from constants.
#pragma once

#include <functional>
#include <vector>

#include "graph/tensor.h"

namespace hekla::testing {

using Operands = std::vector<Tensor>;
using ElementwiseFunction = std::function<Tensor(const Operands&)>;

/// Checks the elements of function(operands) on every device. Each list in `operands` holds numbers of `dtype`, f32,
/// i32 or u32. `tolerance` is relative to the expected number; NaN, infinities and the signs of zeros must be equal.
void everywhere(const ElementwiseFunction& function, const std::vector<std::vector<double>>& operands,
                DType dtype, const std::vector<double>& expected, double tolerance = 0);

ElementwiseFunction of(Tensor (*function)(const Tensor&));
ElementwiseFunction of(Tensor (*function)(const Tensor&, const Tensor&));
ElementwiseFunction gradient_of(Tensor (*function)(const Tensor&));
ElementwiseFunction to(DType dtype);

/// What `exact` gives for the f32 nearest to each x.
std::vector<double> mapped(const std::vector<double>& x, double (*exact)(double));

/// Two units in the last place of f32.
inline constexpr double two_units = 2 * 1.2e-7;

}  // namespace hekla::testing
