// Regions: the nodes that computing one element of a node touches, down to what is stored, and what that
// costs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "graph/compiler/profile.h"
#include "graph/tensor.h"

namespace hekla::compiler {

using IsStored = std::function<bool(const Node&)>;

/// The elements of a node that one invocation computes.
struct Needed {
  double elements = 1;
  std::uint64_t axes = 0;  ///< those (as bits) along which they lie; one element lies along none

  /// As many as either asks for.
  void ask(const Needed& more) {
    elements = std::max(elements, more.elements);
    axes |= more.axes;
  }
};

struct Region {
  std::vector<const Node*> inner;  // computed nodes, the root first
  std::vector<const Node*> loads;  // stored nodes read or waited for
  std::vector<const Node*> reads;  // those of them that are read
  double work = 0;                 // additions
  int statements = 0;              // what a kernel computes and loads, every position of a node by itself
  int folds = 0;                   // the same of reductions alone
  double iterations = 0;           // of all loops
};

/// A value that a kernel reads from memory, or waits for.
struct Load {
  const Node* node;
  bool in_place;  // each element only where the same element of the result is computed
  bool is_read = true;
};

/// The regions of a graph.
class Regions {
 public:
  /// `order` is the graph's nodes, inputs first; `device` says what loads and loops cost.
  Regions(std::span<const Node* const> order, const DeviceProfile& device);

  /// The region under `root`; the root itself is computed whether stored or not. Stops growing beyond `limit`
  /// statements. Its work and iterations are for the elements `needed` of the root, computed together.
  Region under(const Node& root, const IsStored& is_stored, int limit, const Needed& needed = {}) const;

  /// The loads needed to compute `root`, in topological order.
  std::vector<Load> loads_of(const Node& root, const IsStored& is_stored) const;

  /// The elements of `user`'s input `input` needed for `needed` elements of it.
  Needed needed_by(const Node& user, std::size_t input, const Needed& needed) const;

  /// A node's position in topological order.
  int place(const Node* node) const { return place_.at(node); }

 private:
  struct ViewFacts {
    std::uint64_t moves;              // a hash of where its elements come from
    std::vector<std::uint64_t> axes;  // of the view, on which the position on each axis of its input depends
  };
  std::uint64_t position_in(const Node& user, std::size_t input, std::uint64_t position) const;

  const DeviceProfile& device_;
  std::unordered_map<const Node*, int> place_;
  std::unordered_map<const Node*, ViewFacts> views_;
};

/// How many of a node's inputs are read: all of them, but only the first of a view's; its others are
/// dependencies that must be computed before.
std::size_t inputs_read(const Node& node);

}  // namespace hekla::compiler
