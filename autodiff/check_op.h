// check_op: the test of an operation in one line, built-in or your own. It compares the operation with
// itself: on a device and on the reference device, differentiated by rule and by finite differences, fused
// and not.
//
//   hk::testing::check_op("softplus", [](const auto& x) { return softplus(x[0]); }, {{.shape = {3, 4}}}, {},
//   devices);
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "graph/run/evaluator.h"
#include "graph/tensor.h"

namespace hekla::testing {

/// Builds the operation's graph over its operands. It is called again for every device, since nodes hold
/// values.
using Function = std::function<Tensor(const std::vector<Tensor>& operands)>;

/// What to draw for one operand: numbers spread evenly over [low, high] in random order, whole ones for
/// integers.
struct Operand {
  Shape shape;
  double low = -1;
  double high = 1;
  DType dtype = DType::f32;
};

struct CheckOptions {
  /// f32 on a device is within tolerance * (1 + |expected|) of the reference; other dtypes are equal.
  double tolerance = 1e-5;
  /// The same for a derivative and its finite difference, both in double precision.
  double difference_tolerance = 1e-6;
  /// The highest order of derivatives, with respect to the f32 operands, to check by finite differences.
  int derivatives = 2;
  /// The highest order to compare between devices; defaults to `derivatives`. Each order adds kernels to
  /// compile.
  std::optional<int> device_derivatives = {};
  /// The same for the devices after the first; it does not exceed `device_derivatives`. They are variants of
  /// the first, to which higher orders only add kernels of the same operations.
  int variant_derivatives = 1;
  /// Whole numbers for f32 operands too, so that ties and kinks occur. A derivative there is a convention,
  /// which finite differences do not know: derivatives are compared between devices only.
  bool whole = false;
  /// Seed of everything drawn.
  std::uint64_t seed = 1;
};

/// Checks, with scalar_1 = sum(w * function(x)), gradients_1 = grad(scalar_1, x), scalar_2 = sum(v *
/// gradients_1) and so on for fixed random w, v, ..:
///   - each order's gradients against central finite differences of its scalar on the reference device, for
///     operands drawn apart from each other and from whole numbers, where kinks usually are (of large
///     operands, a sample);
///   - the result and the gradients on each device against the reference device, and on later devices
///     against the first (give a device and its variant that does not fuse);
///   - that a second run on a device gives the same bits.
/// Throws hekla::Error naming the operation, the element and the two numbers at the first disagreement.
void check_op(std::string_view name, const Function& function, const std::vector<Operand>& operands,
              const CheckOptions& options = {}, std::span<const std::shared_ptr<Evaluator>> devices = {});

}  // namespace hekla::testing
