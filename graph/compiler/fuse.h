// Fusion: which nodes are computed together in one kernel.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "graph/compiler/graph.h"
#include "graph/compiler/kernel.h"
#include "graph/compiler/profile.h"
#include "graph/compiler/region.h"

namespace hekla::compiler {

/// What may be bound to one kernel of a plan.
struct BindingLimits {
  int most = DeviceProfile().max_bindings;  ///< tensors
  bool arena_as_one = true;                 ///< beyond `most`, tensors in the arena share one binding
  bool may_be_in_place = true;  ///< a variable's new value is assumed to share the old one's binding

  /// Whether a kernel may touch so many tensors: `own` in memory from outside of the plan, `in_arena` in
  /// working memory.
  bool allow(int own, int in_arena) const;
};

struct FuseOptions {
  bool enabled = true;  ///< false: every node its own kernel (HEKLA_FUSE=0)
  DeviceProfile device = {};
  BindingLimits bindings = {};
};

/// How often the limits of the kernels around some nodes were halved, because their kernel turned out too
/// large.
using Cuts = std::unordered_map<const Node*, int>;

/// The nodes of one future kernel. `results` are stored; everything between them, the anchor and stored
/// values is computed on the way, without a store.
struct Group {
  Form form = Form::map;
  const Node* anchor = nullptr;  // the reduction or product the kernel is built around
  std::vector<const Node*> results;
  std::int64_t count =
      0;  // elements of each result; of the first, where a map holds results of several sizes
  std::vector<Load> loads;  // each node once
};

/// Whether all results have equally many elements, so that an invocation computes one element of each.
bool has_one_size(const Group& group);

struct Fusion {
  std::vector<Group> groups;                      // producers before consumers
  std::unordered_map<const Node*, int> group_of;  // of every node that is stored
};

Fusion fuse(const Graph& graph, const FuseOptions& options, const Cuts& cuts = {});

/// Searches for a dependency path between groups stop after this many groups. Either answer is correct, one
/// of them costs a kernel, and planning stays linear in the size of the graph.
constexpr int longest_search = 1000;

}  // namespace hekla::compiler
