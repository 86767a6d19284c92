// Debug printing: what passes change in a graph, for people.
#pragma once

#include "graph/compiler/fuse.h"
#include "graph/compiler/graph.h"

namespace hekla::compiler {

/// Prints `after` to stderr under the name of the pass, unless the pass changed nothing.
void print_if_changed(const char* pass, const Graph& before, const Graph& after);

/// Prints to stderr which nodes are stored, a line for each kernel.
void print(const Fusion& fusion);

}  // namespace hekla::compiler
