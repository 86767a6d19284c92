// The compiler's passes, in order.
#include "graph/plan.h"

#include "graph/debug.h"
#include "graph/print.h"
#include "graph/schedule.h"

namespace hekla {

Plan make_plan(const Computation& computation, bool stop_at_values, const PlanOptions& options) {
  Graph graph = collect(computation, stop_at_values);
  const auto pass = [&](const char* name, Graph after) {
    if (debug_level() >= 3) print_if_changed(name, graph, after);
    graph = std::move(after);
  };
  pass("merge common subexpressions", merge_common_subexpressions(graph));
  pass("simplify", simplify(graph));
  pass("split reductions", split_reductions(graph, options.longest_reduction));
  pass("merge common subexpressions again", merge_common_subexpressions(graph));
  pass("separate roots", separate_roots(graph));

  Plan plan = schedule(graph, fuse(graph, options.fuse));
  plan.arena_bytes = place_in_arena(plan.slots, plan.kernels, options.alignment);
  plan.barrier_before = place_barriers(plan.slots, plan.kernels);
  return plan;
}

}  // namespace hekla
