// Scheduling: which memory each kernel writes, and the order of the kernels.
#pragma once

#include <functional>

#include "graph/compiler/fuse.h"
#include "graph/compiler/plan.h"

namespace hekla::compiler {

/// Plans one iteration of a loop.
using PlanBody = std::function<Plan(const Graph& body)>;

/// Assigns memory to every stored node (a variable's own where a new value can be written in place), lowers
/// the groups, and orders the kernels so that every read sees the value it should. Throws KernelTooLarge and
/// TooManyBindings.
Plan schedule(const Graph& graph, const Fusion& fusion, const BindingLimits& bindings,
              const DeviceProfile& device, const PlanBody& plan_body);

/// The graph with operands copied into working memory wherever a node reads more of them than `limits` allow:
/// slots there can be bound as one.
Graph stage_operands(const Graph& graph, const BindingLimits& limits);

/// The graph with a copy for each output or new value that is itself a leaf, since a run must write it.
Graph separate_roots(const Graph& graph);

}  // namespace hekla::compiler
