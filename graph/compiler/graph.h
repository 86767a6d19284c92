// Graph: the compiler's intermediate representation of a computation. Its storage leaves are numbered nodes
// of its own, so that it holds nothing of the user's graph and serves every computation of the same
// structure.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "graph/compiler/capture.h"
#include "graph/compiler/numbers.h"
#include "graph/compiler/profile.h"
#include "graph/computation.h"
#include "graph/tensor.h"

namespace hekla::compiler {

struct Graph {
  struct Assignment {
    Tensor variable;  // a leaf
    Tensor value;
  };
  std::vector<Tensor> outputs;
  std::vector<Assignment> assignments;
  std::vector<Tensor> leaves;  // numbered by capture(); some may no longer be used
  std::vector<PlanNumber>
      numbers;  // those of the computation in the order of their first use, then folded ones

  bool is_body = false;  // of a loop: its outputs are stacked

  std::vector<Tensor> roots() const;
  /// Reachable nodes in topological order, inputs first.
  std::vector<const Node*> order() const;
};

/// One iteration of a loop that was collected: the leaves are its states, which are variables, then what its
/// elements are picked from, then its constants. Only `wanted` results are computed.
Graph body_of(const Loop& loop, const std::vector<bool>& wanted);

/// Which element the present iteration of a loop reads and stacks.
Index iteration_index(int depth, std::int64_t count, bool reversed);

/// Whether a node picks the element of an iteration.
bool is_element(const Node& node);

/// The number of a leaf of a Graph.
int leaf_number(const Node& leaf);

/// Operation of a constant that is one of the Graph's numbers.
extern const Op number_op;
Tensor number_node(int which, const PlanNumber& number, const Shape& shape);
/// Which number a constant is; -1 for one that is structure.
int number_of(const Node& constant);

/// The graph of a computation: everything that its outputs and updates need, as it was captured.
Graph collect(const Computation& computation, const Capture& captured);
Graph collect(const Computation& computation);

/// Constant folding, removal of identity elements and of operations that only pass their operand on, and
/// cancelling of views. The rules read kinds and descriptors, and name no particular operation.
Graph simplify(const Graph& graph);

/// Splits reductions and matrix products that are too long for one loop or would keep only a few invocations
/// busy (split-K). A reduction over more elements than a kernel counts folds its inner axes first. A product
/// too large to be stored becomes a sum of products, which its readers compute.
Graph split_long_loops(const Graph& graph, const DeviceProfile& device);

/// Common subexpression elimination: merges nodes that compute the same value.
Graph merge_common_subexpressions(const Graph& graph);

/// The graph with each node replaced by what `rewrite` returns for it, given the node over its new inputs; an
/// empty tensor keeps the node. Unchanged nodes are shared with the old graph.
Graph rebuild(const Graph& graph, const std::function<Tensor(const Tensor& node)>& rewrite);

}  // namespace hekla::compiler
