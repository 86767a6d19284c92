// Graphs as text and as Graphviz, for people and for golden tests.
#pragma once

#include <span>
#include <string>

#include "graph/graph.h"
#include "graph/tensor.h"

namespace hekla {

/// One line per node, inputs first: `%3 = f32[32,10] add %1 %2`.
std::string to_text(std::span<const Tensor> roots);
std::string to_text(const Tensor& root);

/// A Graphviz drawing (`dot -Tsvg`).
std::string to_dot(std::span<const Tensor> roots);
std::string to_dot(const Tensor& root);

/// Prints `after` to stderr under the name of the pass, unless the pass changed nothing.
void print_if_changed(const char* pass, const Graph& before, const Graph& after);

}  // namespace hekla
