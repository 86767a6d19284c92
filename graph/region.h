// Region: the nodes that computing one element of a node touches, down to what is stored, and what that
// costs.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "graph/tensor.h"

namespace hekla {

using IsStored = std::function<bool(const Node&)>;

struct Region {
  struct Member {
    const Node* node;
    double needed;  // elements of it needed for one element of the root, loops hoisted
  };
  std::vector<Member> inner;       // computed, the root first
  std::vector<const Node*> loads;  // stored nodes read or waited for
  double work = 0;                 // additions for one element of the root
  int folds = 0;
  double iterations = 0;  // of all loops, for one element of the root
};

/// The region under `root`, which itself is computed whether stored or not; `position` orders nodes, inputs
/// first. Stops growing beyond `limit` nodes.
Region region_under(const Node& root, const IsStored& is_stored,
                    const std::unordered_map<const Node*, int>& position, int limit);

/// How many of a node's inputs are read: all of them, but of a view's only the first; the rest is waited for.
std::size_t inputs_read(const Node& node);

/// Elements of `node` needed for one needed element of its user, given how many of the user are needed.
double needed_by(const Node& user, double needed);

}  // namespace hekla
