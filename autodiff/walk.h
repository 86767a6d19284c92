// The paths of gradients in a graph, which differ from those of values where a node has its own
// rule or stops gradients.
#pragma once

#include <span>

#include "graph/walk.h"

namespace hekla {

/// The tensors that gradients flow to from x: the inputs of its rule, where it carries one, or else of its
/// operation; none for a stop_gradient. They live as long as x.
std::span<const Tensor> gradient_edges(const Tensor& x);

}  // namespace hekla
