// The compiler's passes, in order.
#include "graph/plan.h"

#include "graph/debug.h"
#include "graph/lower.h"
#include "graph/print.h"
#include "graph/schedule.h"

namespace hekla {

namespace {

// Fusion estimates the size of a kernel before it is lowered; where lowering finds one too large, smaller
// ones are made of it.
Plan fuse_and_schedule(const Graph& graph, const FuseOptions& options) {
  Cuts cuts;
  while (true) {
    try {
      return schedule(graph, fuse(graph, options, cuts));
    } catch (const KernelTooLarge& error) {
      for (const Node* node : error.nodes) {
        if (options.max_statements >> cuts[node]++ == 0) throw;
      }
    }
  }
}

}  // namespace

Plan make_plan(const Computation& computation, bool stop_at_values, const PlanOptions& options) {
  Graph graph = collect(computation, stop_at_values);
  const auto pass = [&](const char* name, Graph after) {
    if (debug_level() >= 3) print_if_changed(name, graph, after);
    graph = std::move(after);
  };
  pass("merge common subexpressions", merge_common_subexpressions(graph));
  pass("simplify", simplify(graph));
  pass("split long loops", split_long_loops(graph, options.loops));
  pass("merge common subexpressions again", merge_common_subexpressions(graph));
  pass("separate roots", separate_roots(graph));

  Plan plan = fuse_and_schedule(graph, options.fuse);
  plan.arena_bytes = place_in_arena(plan.slots, plan.kernels, options.alignment);
  plan.barrier_before = place_barriers(plan.slots, plan.kernels);
  return plan;
}

}  // namespace hekla
