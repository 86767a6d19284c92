// Graphs as text and as Graphviz, for people and for golden tests.
#pragma once

#include <span>
#include <string>

#include "graph/tensor.h"

namespace hekla {

/// One line per node, inputs first: `%3 = f32[32,10] add %1 %2`.
std::string to_text(std::span<const Tensor> roots);
std::string to_text(const Tensor& root);

/// A Graphviz drawing (`dot -Tsvg`).
std::string to_dot(std::span<const Tensor> roots);
std::string to_dot(const Tensor& root);

}  // namespace hekla
