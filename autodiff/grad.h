// Reverse-mode differentiation as a graph transformation.
#pragma once

#include <span>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// Gradients of a scalar with respect to `targets`, as more graph of the same operations: they can be run,
/// combined and differentiated again, to any order. The gradient of a target that `loss` does not depend on
/// is zeros. Throws hekla::Error when `loss` is not one f32 number, a target is not f32, or the way from a
/// target to the loss leads through an operation that is not differentiable, which the message names.
std::vector<Tensor> grad(const Tensor& loss, std::span<const Tensor> targets);
std::vector<Tensor> grad(const Tensor& loss, std::initializer_list<Tensor> targets);
/// Of a single target.
Tensor grad(const Tensor& loss, const Tensor& target);

}  // namespace hekla
