// The compiler's passes, in order.
#include "graph/compiler/plan.h"

#include <algorithm>

#include "graph/compiler/fuse.h"
#include "graph/compiler/lower.h"
#include "graph/compiler/print.h"
#include "graph/compiler/schedule.h"
#include "graph/compiler/verify.h"
#include "graph/debug.h"

namespace hekla::compiler {

namespace {

// Fusion estimates a kernel's size before lowering, and its bindings before it is known which variables are
// written in place. Where lowering finds a kernel too large, the graph is fused again with smaller ones.
Plan fuse_and_schedule(const Graph& graph, FuseOptions options, const PlanBody& plan_body) {
  Cuts cuts;
  while (true) {
    try {
      const Fusion fusion = fuse(graph, options, cuts);
      if (debug_level() >= 3) print(fusion);
      if (verifies) verify("fuse", graph, fusion);
      return schedule(graph, fusion, options.bindings, options.device, plan_body);
    } catch (const TooManyBindings&) {
      if (!options.bindings.may_be_in_place) throw;
      options.bindings.may_be_in_place = false;
    } catch (const KernelTooLarge& error) {
      for (const Node* node : error.nodes) {
        if (options.device.max_statements >> cuts[node]++ == 0) throw;
      }
    }
  }
}

bool binds_too_long_a_stretch(const Plan& plan, const DeviceProfile& device) {
  return std::ranges::any_of(plan.kernels, [&](const Kernel& kernel) {
    return kernel.arena_as_one && stretch_of_arena(kernel, plan.slots).bytes > device.max_binding_bytes;
  });
}

}  // namespace

Plan make_plan(const Graph& collected, const PlanOptions& options) {
  const DeviceProfile& device = options.device;
  Graph graph = collected;
  const auto rewrite = [&](const char* pass, Graph after) {
    if (debug_level() >= 3) print_if_changed(pass, graph, after);
    graph = std::move(after);
    if (verifies) verify(pass, graph);
  };
  rewrite("merge common subexpressions", merge_common_subexpressions(graph));
  rewrite("simplify", simplify(graph));
  rewrite("split long loops", split_long_loops(graph, device));
  rewrite("merge common subexpressions again", merge_common_subexpressions(graph));
  rewrite("separate roots", separate_roots(graph));
  // Bindings are reserved for the numbers that are data, since any kernel may read them.
  const BindingLimits bindings{.most = device.max_bindings - leaves_of_data(graph.numbers),
                               .arena_as_one = device.arena_as_one};
  rewrite("stage operands", stage_operands(graph, bindings));

  const auto plan_body = [&](const Graph& body) { return make_plan(body, options); };
  Plan plan = fuse_and_schedule(graph, {options.fuse, device, bindings}, plan_body);
  plan.numbers = graph.numbers;
  load_numbers(plan, static_cast<int>(graph.leaves.size()));
  plan.arena_bytes = place_in_arena(plan.slots, plan.kernels, plan.loops, device.arena_alignment);
  if (device.arena_as_one && binds_too_long_a_stretch(plan, device)) {
    PlanOptions apart = options;
    apart.device.arena_as_one = false;
    return make_plan(collected, apart);
  }
  plan.barrier_before = place_barriers(plan.slots, plan.kernels, plan.loops);
  if (verifies) verify("place barriers", plan, device);
  return plan;
}

}  // namespace hekla::compiler
