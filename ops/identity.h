// Nodes that pass a tensor on. Differentiation uses them to mark where a piece of graph begins and ends.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// y = x as a node of its own, which tells this use of x from all others. Costs nothing at run time.
Tensor identity(const Tensor& x);

/// y = x once `event` has been computed (a control dependency): what depends on y alone runs after `event`
/// and is not merged with the same operations on x. Costs nothing by itself. An `event` that is constant or
/// has no elements adds no dependency. Gradients flow to x only. (JAX's former tie_in; a data-dependent
/// optimization_barrier.)
Tensor tie_in(const Tensor& x, const Tensor& event);

/// A node that carries the gradient rule `rule` for its output `number`.
Tensor carrier(const std::shared_ptr<GradientRule>& rule, std::size_t number);

extern const Op identity_op, tie_in_op;

}  // namespace hekla
