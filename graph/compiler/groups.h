// Groups: the step of fusion from stored nodes to kernels. fuse.cpp decides which nodes are stored.
#pragma once

#include <span>
#include <unordered_set>

#include "graph/compiler/fuse.h"

namespace hekla::compiler {

/// A node that a kernel is built around: a product, a custom kernel, or a reduction too long for a loop
/// inside another kernel, unless its result is too large to be stored.
bool is_anchor(const Node& node, const DeviceProfile& device);

inline int times_cut(const Cuts& cuts, const Node* node) {
  const auto found = cuts.find(node);
  return found != cuts.end() ? found->second : 0;
}

/// A group for every node of `stored`. Groups around reductions and products take in the elementwise work
/// that follows (vertical fusion); then groups over the same elements are merged (horizontal fusion).
Fusion make_groups(const Graph& graph, std::span<const Node* const> order, const Regions& regions,
                   std::unordered_set<const Node*> stored, const FuseOptions& options, const Cuts& cuts);

}  // namespace hekla::compiler
