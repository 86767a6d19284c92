// Nodes that pass a tensor on: by them differentiation marks where a piece of graph begins and ends.
#pragma once

#include "graph/tensor.h"

namespace hekla {

/// y = x: the same elements of the same shape and dtype in a node of their own, by which this use of x can be
/// told from all others. Costs nothing when it runs.
Tensor identity(const Tensor& x);

/// y = x, not before `event` has been computed: what depends on y alone runs after it and is not merged with
/// the same operations on x. Costs nothing by itself; an `event` that is constant or without elements is not
/// waited for. Gradients flow to x only. (JAX's former tie_in; a data-dependent optimization_barrier.)
Tensor tie_in(const Tensor& x, const Tensor& event);

/// A node that carries `rule` for its output `number`.
Tensor carrier(const std::shared_ptr<GradientRule>& rule, std::size_t number);

extern const Op identity_op, tie_in_op;

}  // namespace hekla
