// Scheduling. A run reads all variables as they are at its start; so a kernel that writes a variable comes
// after all others that read it, and where that is impossible the new value waits in working memory for a
// copy at the end.
#include "graph/schedule.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "graph/lower.h"
#include "graph/region.h"

namespace hekla {

namespace {

const Op copy_op{.name = "copy",
                 .kind = Kind::elementwise,
                 .arity = 1,
                 .infer = [](const Node& node) -> Meta {
                   return {node.inputs[0].shape(), node.inputs[0].dtype()};
                 },
                 .glsl = "{0}",
                 .eval = [](std::span<const double> x, DType) { return x[0]; },
                 .cost = 0};

class Scheduler {
 public:
  Scheduler(const Graph& graph, const Fusion& fusion)
      : graph_(graph), groups_(fusion.groups), group_of_(fusion.group_of) {}

  Plan run() {
    for (const Tensor& leaf : graph_.leaves) {
      slot_of_[leaf.get()] = add_slot(Slot::Place::leaf, leaf_number(leaf.node()), leaf.node());
    }
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      const Node& output = graph_.outputs[i].node();
      plan_.output_slots.push_back(add_slot(Slot::Place::output, static_cast<int>(i), output));
      destinations_[&output].push_back(plan_.output_slots.back());
    }
    loads_.resize(groups_.size());
    before_.resize(groups_.size());
    for (std::size_t g = 0; g < groups_.size(); ++g) find_loads(g);
    for (const Graph::Assignment& assignment : graph_.assignments) assign(assignment);
    give_slots();
    lower_in_order();
    return std::move(plan_);
  }

 private:
  int add_slot(Slot::Place place, int number, const Node& node) {
    plan_.slots.push_back({place, number, node.dtype, node.shape.count(), 0, node.label});
    return static_cast<int>(plan_.slots.size()) - 1;
  }

  bool is_stored(const Node& node) const { return is_storage(node.op->kind) || group_of_.contains(&node); }

  // What a group reads from memory, and whether it reads it at the position it writes only.
  void find_loads(std::size_t g) {
    const Group& group = groups_[g];
    struct Visit {
      const Node* node;
      bool in_place;
    };
    std::vector<Visit> open;
    std::unordered_map<const Node*, bool> seen;
    for (const Node* result : group.results) open.push_back({result, true});
    while (!open.empty()) {
      const Visit visit = open.back();
      open.pop_back();
      const auto [entry, is_new] = seen.try_emplace(visit.node, visit.in_place);
      if (!is_new && (visit.in_place || !entry->second)) continue;
      entry->second = visit.in_place;
      const bool own = group_of_.contains(visit.node) && group_of_.at(visit.node) == static_cast<int>(g);
      if (!own && is_stored(*visit.node)) {
        const auto [load, first] = loads_[g].try_emplace(visit.node, visit.in_place);
        if (!first) load->second = load->second && visit.in_place;
        if (const auto producer = group_of_.find(visit.node); producer != group_of_.end()) {
          before_[g].insert(producer->second);
        }
        continue;
      }
      const bool passes = visit.node->op->kind == Kind::elementwise ||
                          (visit.node->op->kind == Kind::view && keeps_order(*visit.node));
      for (std::size_t i = 0; i < visit.node->inputs.size(); ++i) {
        open.push_back(
            {visit.node->inputs[i].get(), visit.in_place && passes && i < inputs_read(*visit.node)});
      }
    }
  }

  bool comes_before(int earlier, int later) const {
    std::vector<int> open{later};
    std::set<int> seen{later};
    while (!open.empty()) {
      const int current = open.back();
      open.pop_back();
      if (current == earlier) return true;
      for (const int previous : before_[static_cast<std::size_t>(current)]) {
        if (seen.insert(previous).second) open.push_back(previous);
      }
    }
    return false;
  }

  void assign(const Graph::Assignment& assignment) {
    const Node* variable = assignment.variable.get();
    const Node* value = assignment.value.get();
    const int writer = group_of_.at(value);
    std::vector<int> readers;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (loads_[g].contains(variable)) readers.push_back(static_cast<int>(g));
    }
    const bool in_place = std::all_of(readers.begin(), readers.end(), [&](int reader) {
      if (reader != writer) return !comes_before(writer, reader);
      const Group& group = groups_[static_cast<std::size_t>(writer)];
      // A single invocation reads everything before it writes.
      return loads_[static_cast<std::size_t>(writer)].at(variable) ||
             (group.form == Form::map && group.count == 1);
    });
    if (in_place) {
      destinations_[value].push_back(slot_of_.at(variable));
      for (const int reader : readers) {
        if (reader != writer) before_[static_cast<std::size_t>(writer)].insert(reader);
      }
      return;
    }
    const Tensor copy = apply(copy_op, {assignment.value});
    copies_.push_back(copy);
    destinations_[copy.get()].push_back(slot_of_.at(variable));
    group_of_[copy.get()] = static_cast<int>(groups_.size());
    groups_.push_back({Form::map, nullptr, {copy.get()}, copy.count()});
    loads_.emplace_back();
    before_.emplace_back();
    find_loads(groups_.size() - 1);
    before_.back().insert(readers.begin(), readers.end());
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

  // Topological; of the kernels that may run next, the first one that gives back more working memory than it
  // takes, or else the first as the groups come, which follows the graph.
  void lower_in_order() {
    std::vector<Kernel> kernels;
    for (const Group& group : groups_) kernels.push_back(group.count > 0 ? lower_group(group) : Kernel{});
    std::vector<int> readers(plan_.slots.size());
    for (const Kernel& kernel : kernels) {
      for (const int slot : kernel.operands) ++readers[static_cast<std::size_t>(slot)];
    }
    std::vector<std::size_t> waiting_for(groups_.size());
    std::vector<std::vector<int>> after(groups_.size());
    std::set<int> ready;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      before_[g].erase(static_cast<int>(g));
      waiting_for[g] = before_[g].size();
      for (const int previous : before_[g])
        after[static_cast<std::size_t>(previous)].push_back(static_cast<int>(g));
      if (before_[g].empty()) ready.insert(static_cast<int>(g));
    }
    while (!ready.empty()) {
      auto chosen = std::find_if(ready.begin(), ready.end(), [&](int g) {
        return bytes_taken(kernels[static_cast<std::size_t>(g)], readers) < 0;
      });
      if (chosen == ready.end()) chosen = ready.begin();
      const auto g = static_cast<std::size_t>(*chosen);
      ready.erase(chosen);
      for (const int slot : kernels[g].operands) --readers[static_cast<std::size_t>(slot)];
      if (groups_[g].count > 0) plan_.kernels.push_back(std::move(kernels[g]));
      for (const int next : after[g]) {
        if (--waiting_for[static_cast<std::size_t>(next)] == 0) ready.insert(next);
      }
    }
  }

  // Working memory that a kernel takes for its results, less that of which it is the last of `readers`.
  std::int64_t bytes_taken(const Kernel& kernel, const std::vector<int>& readers) const {
    const auto in_arena = [&](int slot) {
      const Slot& memory = plan_.slots[static_cast<std::size_t>(slot)];
      return memory.place == Slot::Place::arena ? memory.bytes() : 0;
    };
    std::int64_t bytes = 0;
    for (const Store& store : kernel.stores) bytes += in_arena(store.slot);
    for (const int slot : kernel.operands) {
      if (readers[static_cast<std::size_t>(slot)] == 1) bytes -= in_arena(slot);
    }
    return bytes;
  }

  Kernel lower_group(const Group& group) const {
    Kernel kernel = lower(group, [this](const Node& node) {
      const auto slot = slot_of_.find(&node);
      return slot != slot_of_.end() ? slot->second : -1;
    });
    std::vector<Store> stores;
    for (const Store& store : kernel.stores) {
      for (const int slot : destinations_.at(group.results[static_cast<std::size_t>(store.slot)])) {
        stores.push_back({store.value, slot, store.index, store.dtype});
      }
    }
    kernel.stores = std::move(stores);
    return kernel;
  }

  const Graph& graph_;
  std::vector<Group> groups_;
  std::unordered_map<const Node*, int> group_of_;
  std::vector<std::unordered_map<const Node*, bool>> loads_;  // of each group: node, read in place only
  std::vector<std::set<int>> before_;
  std::unordered_map<const Node*, std::vector<int>> destinations_;
  std::unordered_map<const Node*, int> slot_of_;
  std::vector<Tensor> copies_;
  Plan plan_;
};

}  // namespace

Plan schedule(const Graph& graph, const Fusion& fusion) { return Scheduler(graph, fusion).run(); }

Graph separate_roots(const Graph& graph) {
  Graph result = graph;
  const auto separate = [](Tensor& root) {
    if (is_storage(root.node().op->kind)) root = apply(copy_op, {root});
  };
  for (Tensor& output : result.outputs) separate(output);
  for (Graph::Assignment& assignment : result.assignments) separate(assignment.value);
  return result;
}

}  // namespace hekla
