// Scheduling: kernel order and in-place updates. A run reads all variables as they are at its start, so a
// kernel that writes a variable comes after all others that read it (a write-after-read hazard). Where that
// is impossible, the new value waits in working memory for a copy at the end.
#include "graph/compiler/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

#include "graph/compiler/lower.h"
#include "graph/compiler/positions.h"
#include "graph/loop.h"

namespace hekla::compiler {

namespace {

const Op copy_op{.name = "copy",
                 .kind = Kind::elementwise,
                 .arity = 1,
                 .infer = [](const Node& node) -> Meta {
                   return {node.inputs[0].shape(), node.inputs[0].dtype()};
                 },
                 .glsl = "{0}",
                 .passes_operand_on = true,
                 .eval = [](std::span<const double> x, DType) { return x[0]; },
                 .cost = 0};

// The kernels of a group: one, or those of a loop.
struct Lowered {
  std::vector<Kernel> kernels;
  std::vector<Repeated> loops = {};  // numbered from the first of these kernels

  std::vector<int> read() const {
    std::vector<int> slots;
    for (const Kernel& kernel : kernels)
      slots.insert(slots.end(), kernel.operands.begin(), kernel.operands.end());
    return slots;
  }
};

class Scheduler {
 public:
  Scheduler(const Graph& graph, const Fusion& fusion, const BindingLimits& bindings,
            const DeviceProfile& device, const PlanBody& plan_body)
      : graph_(graph),
        bindings_(bindings),
        device_(device),
        plan_body_(plan_body),
        groups_(fusion.groups),
        group_of_(fusion.group_of) {}

  Plan run() {
    for (const Tensor& leaf : graph_.leaves) {
      slot_of_[leaf.get()] = add_slot(Slot::Place::leaf, leaf_number(leaf.node()), leaf.node());
    }
    for (const Tensor& root : graph_.roots()) roots_.insert(root.get());
    after_.resize(groups_.size());
    for (std::size_t g = 0; g < groups_.size(); ++g) follow_loads(static_cast<int>(g));
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      const Tensor& output = graph_.outputs[i];
      const int slot = add_slot(Slot::Place::output, static_cast<int>(i), output.node());
      plan_.output_slots.push_back(slot);
      if (!takes(output.node(), slot)) copy_into(slot, output);
    }
    for (const Graph::Assignment& assignment : graph_.assignments) assign(assignment);
    give_slots();
    lower_in_order();
    return std::move(plan_);
  }

 private:
  int add_slot(Slot::Place place, int number, const Node& node) {
    check_count(node.shape.count(), node, "would be stored");
    plan_.slots.push_back({place, number, node.dtype, node.shape.count(), 0, node.label});
    return static_cast<int>(plan_.slots.size()) - 1;
  }

  // A group comes after those whose results it reads.
  void follow_loads(int g) {
    for (const Load& load : groups_[static_cast<std::size_t>(g)].loads) {
      if (const auto producer = group_of_.find(load.node); producer != group_of_.end()) {
        comes_after(g, producer->second);
      } else {
        readers_[load.node].push_back({g, load.in_place});
      }
    }
  }

  void comes_after(int later, int earlier) { after_[static_cast<std::size_t>(earlier)].push_back(later); }

  // A group that reads a leaf; `in_place`: it reads each element only where it writes the same element.
  struct Reader {
    int group;
    bool in_place;
  };

  // Whether one of `groups` might depend on `from`, directly or transitively; true where the search is cut
  // short.
  bool leads_to(int from, const std::vector<Reader>& groups) const {
    std::unordered_set<int> targets;
    for (const Reader& reader : groups) targets.insert(reader.group);
    targets.erase(from);
    std::vector<int> open{from};
    std::unordered_set<int> seen{from};
    while (!open.empty()) {
      const int current = open.back();
      open.pop_back();
      if (targets.contains(current) || seen.size() > longest_search) return true;
      for (const int next : after_[static_cast<std::size_t>(current)]) {
        if (seen.insert(next).second) open.push_back(next);
      }
    }
    return false;
  }

  // A new value can be written in place if all others have read the old one and its own kernel reads each
  // element where it writes it. A single invocation reads everything before it writes.
  bool fits_in_place(int writer, const std::vector<Reader>& readers) const {
    const Group& group = groups_[static_cast<std::size_t>(writer)];
    const bool reads_first = group.form == Form::map && group.count == 1 && has_one_size(group);
    return std::all_of(readers.begin(), readers.end(),
                       [&](const Reader& reader) {
                         return reader.group != writer || reader.in_place || reads_first;
                       }) &&
           !leads_to(writer, readers);
  }

  void assign(const Graph::Assignment& assignment) {
    const Tensor& value = assignment.value;
    const std::vector<Reader> readers = readers_[assignment.variable.get()];
    const int slot = slot_of_.at(assignment.variable.get());
    int writer = group_of_.at(value.get());
    if (!fits_in_place(writer, readers) || !takes(value.node(), slot)) writer = copy_into(slot, value);
    for (const Reader& reader : readers) {
      if (reader.group != writer) comes_after(writer, reader.group);
    }
  }

  // Lets the kernel that computes `value` also write it to `slot`, unless the device cannot bind that many.
  bool takes(const Node& value, int slot) {
    std::vector<int>& destinations = destinations_[&value];
    destinations.push_back(slot);
    const Group& group = groups_[static_cast<std::size_t>(group_of_.at(&value))];
    if (destinations.size() == 1 || (group.form != Form::loop && binds_few(group))) return true;
    destinations.pop_back();
    return false;
  }

  bool binds_few(const Group& group) {
    std::unordered_set<int> read;
    int own = 0, in_arena = 0;
    const auto count = [&](const Node* node) { ++(roots_.contains(node) ? own : in_arena); };
    for (const Load& load : group.loads) {
      if (!load.is_read) continue;
      const auto leaf = slot_of_.find(load.node);
      if (leaf == slot_of_.end()) {
        count(load.node);
      } else if (read.insert(leaf->second).second) {
        ++own;
      }
    }
    for (const Node* result : group.results) {
      const std::vector<int>& destinations = destinations_[result];
      if (destinations.empty()) count(result);
      own += static_cast<int>(
          std::ranges::count_if(destinations, [&](int slot) { return !read.contains(slot); }));
    }
    return bindings_.allow(own, in_arena);
  }

  // Makes a kernel copy `value` to `slot`; returns its group.
  int copy_into(int slot, const Tensor& value) {
    Tensor& copy = copy_of_[value.get()];
    if (copy.defined() && takes(copy.node(), slot)) return group_of_.at(copy.get());
    copy = apply(copy_op, {value});
    copies_.push_back(copy);
    const int group = static_cast<int>(groups_.size());
    group_of_[copy.get()] = group;
    groups_.push_back({Form::map, nullptr, {copy.get()}, copy.count(), {{value.get(), true}}});
    after_.emplace_back();
    follow_loads(group);
    takes(copy.node(), slot);
    return group;
  }

  void give_slots() {
    for (const Group& group : groups_) {
      for (const Node* result : group.results) {
        std::vector<int>& destinations = destinations_[result];
        if (destinations.empty()) destinations.push_back(add_slot(Slot::Place::arena, 0, *result));
        slot_of_[result] = destinations.front();
      }
    }
  }

  // Topological order. Of the ready kernels, the first that frees more working memory than it allocates comes
  // next, or else the first in the order of the groups, which follows the graph.
  void lower_in_order() {
    std::vector<Lowered> lowered;
    std::optional<KernelTooLarge> too_large;  // reported together, as each cut means planning again
    for (const Group& group : groups_) {
      Lowered& now = lowered.emplace_back();
      if (group.count == 0) continue;
      try {
        now = lower_group(group);
      } catch (const KernelTooLarge& error) {
        if (!too_large) too_large = error;
        if (group.anchor) too_large->nodes.push_back(group.anchor);
        too_large->nodes.insert(too_large->nodes.end(), group.results.begin(), group.results.end());
      }
    }
    if (too_large) throw *too_large;
    std::vector<std::vector<int>> readers(plan_.slots.size());
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (const int slot : lowered[g].read())
        readers[static_cast<std::size_t>(slot)].push_back(static_cast<int>(g));
    }
    std::vector<std::size_t> still_read(plan_.slots.size());  // the number of remaining readers of each slot
    for (std::size_t slot = 0; slot < readers.size(); ++slot) still_read[slot] = readers[slot].size();
    std::vector<int> waiting_for(groups_.size());
    for (const std::vector<int>& later : after_) {
      for (const int g : later) ++waiting_for[static_cast<std::size_t>(g)];
    }
    std::set<int> ready;
    std::set<int> giving;  // those of `ready` that free more memory than they allocate
    const auto weigh = [&](int g) {
      if (bytes_taken(lowered[static_cast<std::size_t>(g)], still_read) < 0) giving.insert(g);
    };
    const auto make_ready = [&](int g) {
      ready.insert(g);
      weigh(g);
    };
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (waiting_for[g] == 0) make_ready(static_cast<int>(g));
    }
    std::size_t done = 0;
    for (; !ready.empty(); ++done) {
      const int chosen = giving.empty() ? *ready.begin() : *giving.begin();
      ready.erase(chosen);
      giving.erase(chosen);
      const auto g = static_cast<std::size_t>(chosen);
      for (const int operand : lowered[g].read()) {
        const auto slot = static_cast<std::size_t>(operand);
        if (--still_read[slot] != 1) continue;
        for (const int reader : readers[slot]) {
          if (ready.contains(reader)) weigh(reader);
        }
      }
      add(std::move(lowered[g]));
      for (const int next : after_[g]) {
        if (--waiting_for[static_cast<std::size_t>(next)] == 0) make_ready(next);
      }
    }
    if (done < groups_.size()) throw std::logic_error("[schedule] kernels wait for each other");
  }

  // Working memory that a kernel allocates for its results, less the slots whose last reader it is (end of
  // lifetime).
  std::int64_t bytes_taken(const Lowered& group, const std::vector<std::size_t>& still_read) const {
    const auto in_arena = [&](int slot) {
      const Slot& memory = plan_.slots[static_cast<std::size_t>(slot)];
      return memory.place == Slot::Place::arena ? memory.bytes() : 0;
    };
    std::int64_t bytes = 0;
    for (const Kernel& kernel : group.kernels) {
      for (const Store& store : kernel.stores) bytes += in_arena(store.slot);
    }
    for (const int slot : group.read()) {
      if (still_read[static_cast<std::size_t>(slot)] == 1) bytes -= in_arena(slot);
    }
    return bytes;
  }

  void add(Lowered group) {
    const std::size_t before = plan_.kernels.size();
    for (const Repeated& loop : group.loops)
      plan_.loops.push_back({before + loop.first, before + loop.end, loop.count, loop.depth});
    std::move(group.kernels.begin(), group.kernels.end(), std::back_inserter(plan_.kernels));
  }

  Kernel lower_kernel(const Group& group) const {
    const auto slot_of = [this](const Node& node) {
      const auto slot = slot_of_.find(&node);
      return slot != slot_of_.end() ? slot->second : -1;
    };
    return lower(group, slot_of, device_);
  }

  Lowered lower_group(const Group& group) {
    if (group.form == Form::loop) return lower_loop(group);
    Kernel kernel = lower_kernel(group);
    std::vector<Store> stores;
    for (const Store& store : kernel.stores) {
      for (const int slot : destinations_.at(group.results[static_cast<std::size_t>(store.slot)])) {
        stores.push_back({store.value, slot, store.index, store.dtype, store.part});
      }
    }
    kernel.stores = std::move(stores);
    bind_arena(kernel);
    return {{std::move(kernel)}};
  }

  // Whether a loop has to compute each of its results: those that are read, and the states that these need.
  static std::vector<bool> needed_of(const Loop& loop, const std::vector<const Node*>& read) {
    std::vector<bool> needed;
    for (const Node* result : read) needed.push_back(result != nullptr);
    for (bool changed = true; changed;) {
      changed = false;
      std::vector<Tensor> roots;
      for (std::size_t i = 0; i < needed.size(); ++i) {
        if (needed[i]) roots.push_back(loop.results[i]);
      }
      const std::vector<const Node*> reached = topological_order(roots);
      const std::unordered_set<const Node*> used(reached.begin(), reached.end());
      for (std::size_t i = 0; i < loop.states.size(); ++i) {
        if (needed[i] || !used.contains(loop.states[i].get())) continue;
        needed[i] = changed = true;
      }
    }
    return needed;
  }

  // A loop's states lie in memory that its kernels update, and its stacked results are written element by
  // element.
  Lowered lower_loop(const Group& group) {
    const Node& node = *group.results[0];
    const Loop& loop = *node.loop;
    std::vector<const Node*> results(loop.results.size());
    for (const Node* result : group.results) results[result_number(*result)] = result;
    const std::vector<bool> needed = needed_of(loop, results);
    Lowered lowered;
    std::vector<int> slots_of_leaves;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const Node& input = node.inputs[i].node();
      const bool is_state = loop.is_state(i);
      if (is_state && needed[i]) {
        const int slot = results[i] != nullptr ? slot_of_.at(results[i])
                                               : add_slot(Slot::Place::arena, 0, loop.states[i].node());
        slots_of_leaves.push_back(slot);
        if (input.shape.count() > 0) lowered.kernels.push_back(copy_kernel(node.inputs[i], slot));
      } else {
        slots_of_leaves.push_back(is_state ? -1 : slot_of_.at(&input));
      }
    }
    if (loop.count == 0) return lowered;
    Plan body = plan_body_(body_of(loop, needed));
    std::vector<std::size_t> stacked;
    for (std::size_t i = loop.states.size(); i < needed.size(); ++i) {
      if (needed[i]) stacked.push_back(i);
    }
    // Slots of the body in the plan around it.
    std::vector<int> slots;
    for (const Slot& slot : body.slots) {
      const auto number = static_cast<std::size_t>(slot.number);
      if (slot.place == Slot::Place::leaf) {
        slots.push_back(slots_of_leaves[number]);
      } else if (slot.place == Slot::Place::output) {
        slots.push_back(slot_of_.at(results[stacked[number]]));
      } else {
        slots.push_back(static_cast<int>(plan_.slots.size()));
        plan_.slots.push_back(slot);
      }
    }
    const Index iteration = iteration_index(loop.depth, loop.count, loop.reversed);
    const std::size_t first = lowered.kernels.size();
    // An element of a slot is one of the iteration's element where results are stacked.
    const auto placed = [&](const Index& index, int slot) {
      const Slot& memory = body.slots[static_cast<std::size_t>(slot)];
      return memory.place == Slot::Place::output ? iteration * memory.count + index : index;
    };
    for (Kernel& kernel : body.kernels) {
      for (Body* program : kernel.bodies()) {
        for (Scalar& scalar : program->values) {
          if (scalar.kind == Scalar::Kind::load)
            scalar.index = placed(scalar.index, kernel.operands[static_cast<std::size_t>(scalar.operand)]);
        }
      }
      for (Store& store : kernel.stores) {
        store.index = placed(store.index, store.slot);
        store.slot = slots[static_cast<std::size_t>(store.slot)];
      }
      for (int& slot : kernel.operands) slot = slots[static_cast<std::size_t>(slot)];
      ++kernel.loops;
      bind_arena(kernel);
      lowered.kernels.push_back(std::move(kernel));
    }
    if (!body.kernels.empty())
      lowered.loops.push_back({first, lowered.kernels.size(), loop.count, loop.depth});
    for (const Repeated& inner : body.loops)
      lowered.loops.push_back({first + inner.first, first + inner.end, inner.count, inner.depth});
    return lowered;
  }

  Kernel copy_kernel(const Tensor& from, int to) {
    const Tensor copy = apply(copy_op, {from});
    Kernel kernel =
        lower_kernel({.form = Form::map, .results = {copy.get()}, .count = copy.count(), .loads = {}});
    for (Store& store : kernel.stores) store.slot = to;
    return kernel;
  }

  // Decides how a kernel's working memory is bound.
  void bind_arena(Kernel& kernel) const {
    std::unordered_set<int> slots(kernel.operands.begin(), kernel.operands.end());
    for (const Store& store : kernel.stores) slots.insert(store.slot);
    const auto in_arena = static_cast<int>(std::ranges::count_if(slots, [&](int slot) {
      return plan_.slots[static_cast<std::size_t>(slot)].place == Slot::Place::arena;
    }));
    const int all = static_cast<int>(slots.size());
    kernel.arena_as_one = all > bindings_.most;
    if (bindings_.allow(all - in_arena, in_arena)) return;
    throw TooManyBindings(
        fmt::format("[compile] kernel {} reads and writes {} tensors and the device lets a kernel have {}; "
                    "give the operation fewer operands.",
                    kernel.label, all, bindings_.most));
  }

  const Graph& graph_;
  const BindingLimits& bindings_;
  const DeviceProfile& device_;
  const PlanBody& plan_body_;
  std::vector<Group> groups_;
  std::unordered_map<const Node*, int> group_of_;
  std::vector<std::vector<int>> after_;                           // the groups that wait for each group
  std::unordered_map<const Node*, std::vector<Reader>> readers_;  // of leaves
  std::unordered_map<const Node*, std::vector<int>> destinations_;
  std::unordered_map<const Node*, int> slot_of_;
  std::unordered_map<const Node*, Tensor> copy_of_;  // the last copy of each value
  std::vector<Tensor> copies_;
  std::unordered_set<const Node*> roots_;
  Plan plan_;
};

}  // namespace

Plan schedule(const Graph& graph, const Fusion& fusion, const BindingLimits& bindings,
              const DeviceProfile& device, const PlanBody& plan_body) {
  return Scheduler(graph, fusion, bindings, device, plan_body).run();
}

Graph stage_operands(const Graph& graph, const BindingLimits& limits) {
  return rebuild(graph, [&](const Tensor& tensor) -> Tensor {
    std::vector<Tensor> inputs = tensor.node().inputs;
    if (tensor.node().op->kind != Kind::elementwise && tensor.node().op->kind != Kind::custom) return {};
    int own = static_cast<int>(inputs.size()), staged = 0;
    for (Tensor& input : inputs) {
      // The result is one more.
      if (limits.allow(own + 1, staged)) break;
      input = apply(copy_op, {input});
      --own;
      ++staged;
    }
    return staged > 0 ? with_inputs(tensor.node(), std::move(inputs)) : Tensor();
  });
}

Graph separate_roots(const Graph& graph) {
  Graph result = graph;
  const auto separate = [](Tensor& root) {
    if (is_storage(root.node().op->kind)) root = apply(copy_op, {root});
  };
  for (Tensor& output : result.outputs) separate(output);
  if (graph.is_body) {
    // What is opaque does not know which element of stacked results it would write or read.
    std::unordered_set<const Node*> whole;
    for (const Node* node : graph.order()) {
      if (!is_opaque(node->op->kind)) continue;
      whole.insert(node);
      for (const Tensor& input : node->inputs) whole.insert(input.get());
    }
    for (Tensor& output : result.outputs) {
      if (whole.contains(output.get())) output = apply(copy_op, {output});
    }
  }
  for (Graph::Assignment& assignment : result.assignments) separate(assignment.value);
  return result;
}

}  // namespace hekla::compiler
