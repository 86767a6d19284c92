// Reverse mode: the backward pass from outputs to targets, shared by all derivatives.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

/// The gradients of sum over i of <cotangents[i], outputs[i]> with respect to each target, an empty tensor
/// where none arrives. An empty cotangent counts as zeros. Gradients are not followed beyond `ends`. `caller`
/// names the function in errors: throws hekla::Error where an operation on the way is not differentiable or
/// its rule returns what cannot be gradients.
std::vector<Tensor> pull_back(std::string_view caller, std::span<const Tensor> outputs,
                              std::span<const Tensor> targets, std::span<const Tensor> cotangents,
                              std::span<const Tensor> ends = {});

}  // namespace hekla
