// The verifier: invariants of a graph and of a plan between passes. Development builds check them (NDEBUG is
// not defined there); a violation is a fault of the compiler, never of its user.
#pragma once

#include "graph/compiler/fuse.h"
#include "graph/compiler/graph.h"
#include "graph/compiler/plan.h"

namespace hekla::compiler {

#ifdef NDEBUG
constexpr bool verifies = false;
#else
constexpr bool verifies = true;
#endif

/// Throws std::logic_error `[verify] after pass: ...` unless every node has as many inputs as its operation
/// and the shape and dtype that its operation infers, leaves and numbers are those of the graph, and what is
/// assigned fits its variable.
void verify(const char* pass, const Graph& graph);

/// The same unless every root is stored, and groups read only what is stored.
void verify(const char* pass, const Graph& graph, const Fusion& fusion);

/// The same unless every slot is written before it is read and not overwritten in between; barriers separate
/// accesses to the same memory of which one is a write; every output is written; loads and stores whose range
/// is known are in bounds; working memory is aligned and large enough; and loops and bindings are within the
/// device's limits.
void verify(const char* pass, const Plan& plan, const DeviceProfile& device);

}  // namespace hekla::compiler
