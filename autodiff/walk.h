// Walking a graph along the ways that gradients take, which are not quite the ways that values take.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

using Edges = std::function<std::vector<Tensor>(const Tensor& from)>;

/// Tensors reachable from `roots` along `edges`, each once, those it leads to before it. Iterative.
std::vector<Tensor> walk(std::span<const Tensor> roots, const Edges& edges);

/// Where gradients flow from x: the inputs of its rule, where it carries one, or else of its operation;
/// nowhere from a stop_gradient.
std::vector<Tensor> gradient_edges(const Tensor& x);

/// Everything that x refers to, for its value or for its gradient.
std::vector<Tensor> all_edges(const Tensor& x);

}  // namespace hekla
