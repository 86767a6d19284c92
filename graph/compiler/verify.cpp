#include "graph/compiler/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <unordered_set>
#include <vector>

namespace hekla::compiler {

namespace {

template <class... Values>
[[noreturn]] void fail(const char* pass, fmt::format_string<Values...> text, Values&&... values) {
  throw std::logic_error(
      fmt::format("[verify] after {}: {}", pass, fmt::format(text, std::forward<Values>(values)...)));
}

// Bytes of the memory of a slot: leaves and outputs each have a memory of their own.
struct Extent {
  Slot::Place place;
  int number;
  std::int64_t begin, end;

  bool overlaps(const Extent& other) const {
    return place == other.place && number == other.number && begin < other.end && other.begin < end;
  }
};

Extent extent_of(const Slot& slot) {
  if (slot.place == Slot::Place::arena) return {slot.place, 0, slot.offset, slot.offset + slot.bytes()};
  return {slot.place, slot.number, 0, slot.bytes()};
}

bool overlaps_any(const std::vector<Extent>& extents, const Extent& extent) {
  return std::ranges::any_of(extents, [&](const Extent& each) { return each.overlaps(extent); });
}

// The last writer (slot) of each byte range of working memory.
class Owners {
 public:
  void write(std::int64_t begin, std::int64_t end, int slot) {
    std::vector<Owned> rest;
    for (const Owned& owned : owned_) {
      if (owned.begin < begin) rest.push_back({owned.begin, std::min(owned.end, begin), owned.slot});
      if (owned.end > end) rest.push_back({std::max(owned.begin, end), owned.end, owned.slot});
    }
    std::erase_if(rest, [](const Owned& owned) { return owned.begin >= owned.end; });
    rest.push_back({begin, end, slot});
    owned_ = std::move(rest);
  }
  bool holds(std::int64_t begin, std::int64_t end, int slot) const {
    return begin == end || std::ranges::any_of(owned_, [&](const Owned& owned) {
             return owned.slot == slot && owned.begin <= begin && owned.end >= end;
           });
  }

 private:
  struct Owned {
    std::int64_t begin, end;
    int slot;
  };
  std::vector<Owned> owned_;
};

// Whether an index leaves [0, count). Where terms share an axis, its interval is only an estimate: then
// nothing is known, and the index passes.
bool is_out_of_bounds(const Index& index, std::int64_t count) {
  std::uint64_t seen = 0;
  for (const Index::Term& term : index.terms()) {
    if ((seen & term.atom->axes) != 0) return false;
    seen |= term.atom->axes;
  }
  return index.low() < 0 || index.high() >= count;
}

class PlanVerifier {
 public:
  PlanVerifier(const char* pass, const Plan& plan, const DeviceProfile& device)
      : pass_(pass), plan_(plan), device_(device) {}

  void run() {
    if (plan_.barrier_before.size() != plan_.kernels.size())
      fail(pass_, "{} kernels have {} barriers", plan_.kernels.size(), plan_.barrier_before.size());
    for (std::size_t k = 0; k < plan_.kernels.size(); ++k) {
      const Kernel& kernel = plan_.kernels[k];
      if (plan_.barrier_before[k]) reads_.clear(), writes_.clear();
      limits(kernel);
      for (const int slot : kernel.operands) read(kernel, slot);
      loads(kernel);
      for (const Store& store : kernel.stores) write(kernel, store);
      for (const int slot : kernel.operands) reads_.push_back(extent_of(slot_of(slot)));
      for (const Store& store : kernel.stores) writes_.push_back(extent_of(slot_of(store.slot)));
    }
    for (const Slot& slot : plan_.slots) {
      if (slot.place != Slot::Place::arena) continue;
      if (slot.offset % device_.arena_alignment != 0 || slot.offset + slot.bytes() > plan_.arena_bytes)
        fail(pass_, "a slot of {} bytes lies at {} of {} in working memory", slot.bytes(), slot.offset,
             plan_.arena_bytes);
    }
    for (const int slot : plan_.output_slots) {
      if (slot_of(slot).count > 0 && !written_.contains(slot))
        fail(pass_, "output slot {} is not written", slot);
    }
  }

 private:
  const Slot& slot_of(int slot) const { return plan_.slots.at(static_cast<std::size_t>(slot)); }

  void limits(const Kernel& kernel) const {
    if (kernel.iterations() > device_.max_iterations)
      fail(pass_, "kernel {} loops {} times; the device allows {}", kernel.label, kernel.iterations(),
           device_.max_iterations);
    std::set<int> own, in_arena;
    const auto bind = [&](int slot) {
      (slot_of(slot).place == Slot::Place::arena ? in_arena : own).insert(slot);
    };
    for (const int slot : kernel.operands) bind(slot);
    for (const Store& store : kernel.stores) bind(store.slot);
    const std::size_t bindings = own.size() + (kernel.arena_as_one ? 1 : in_arena.size());
    if (bindings > static_cast<std::size_t>(device_.max_bindings))
      fail(pass_, "kernel {} binds {} tensors; the device allows {}", kernel.label, bindings,
           device_.max_bindings);
  }

  void read(const Kernel& kernel, int slot) const {
    const Slot& memory = slot_of(slot);
    if (overlaps_any(writes_, extent_of(memory)))
      fail(pass_, "kernel {} reads slot {} without a barrier after its writer", kernel.label, slot);
    if (memory.place == Slot::Place::leaf) return;
    if (!written_.contains(slot))
      fail(pass_, "kernel {} reads slot {} before it is written", kernel.label, slot);
    if (memory.place == Slot::Place::arena &&
        !arena_.holds(memory.offset, memory.offset + memory.bytes(), slot))
      fail(pass_, "kernel {} reads slot {}, which was overwritten", kernel.label, slot);
  }

  void loads(const Kernel& kernel) const {
    for (const Body* body : kernel.bodies()) {
      for (const Scalar& scalar : body->values) {
        if (scalar.kind != Scalar::Kind::load) continue;
        const std::int64_t count =
            slot_of(kernel.operands.at(static_cast<std::size_t>(scalar.operand))).count;
        if (is_out_of_bounds(scalar.index, count))
          fail(pass_, "kernel {} loads elements {} to {} of {}", kernel.label, scalar.index.low(),
               scalar.index.high(), count);
      }
    }
  }

  void write(const Kernel& kernel, const Store& store) {
    const Slot& memory = slot_of(store.slot);
    // Packed elements are stored in whole quads, which reach into the padding of their memory.
    const std::int64_t room = is_packed(store.dtype) ? (memory.count + quad - 1) / quad * quad : memory.count;
    // A product's columns beyond the end are computed and not stored.
    const auto* product = std::get_if<MatmulKernel>(&kernel.form);
    const bool is_guarded = product != nullptr && product->columns % quad != 0;
    const bool is_custom = std::holds_alternative<CustomCall>(kernel.form);
    if (!is_custom && !is_guarded && is_out_of_bounds(store.index, room))
      fail(pass_, "kernel {} stores elements {} to {} of {}", kernel.label, store.index.low(),
           store.index.high(), memory.count);
    const Extent extent = extent_of(memory);
    if (overlaps_any(reads_, extent) || overlaps_any(writes_, extent))
      fail(pass_, "kernel {} writes slot {} without a barrier after who touched its memory", kernel.label,
           store.slot);
    for (const int operand : kernel.operands) {
      if (operand != store.slot && extent_of(slot_of(operand)).overlaps(extent))
        fail(pass_, "kernel {} writes slot {} over slot {}, which it reads", kernel.label, store.slot,
             operand);
    }
    written_.insert(store.slot);
    if (memory.place == Slot::Place::arena)
      arena_.write(memory.offset, memory.offset + memory.bytes(), store.slot);
  }

  const char* pass_;
  const Plan& plan_;
  const DeviceProfile& device_;
  std::set<int> written_;               // slots
  std::vector<Extent> reads_, writes_;  // since the last barrier
  Owners arena_;
};

}  // namespace

void verify(const char* pass, const Graph& graph) {
  for (const Node* node : graph.order()) {
    const Op& op = *node->op;
    if (op.kind != Kind::loop && node->inputs.size() != static_cast<std::size_t>(op.arity))
      fail(pass, "{} has {} inputs and wants {}", op.name, node->inputs.size(), op.arity);
    if (is_storage(op.kind)) {
      const auto number = static_cast<std::size_t>(leaf_number(*node));
      if (number >= graph.leaves.size() || graph.leaves[number].get() != node)
        fail(pass, "leaf {} '{}' is not the graph's", number, node->label);
      continue;
    }
    if (op.kind == Kind::constant) {
      if (number_of(*node) >= static_cast<int>(graph.numbers.size()))
        fail(pass, "number {} of {}", number_of(*node), graph.numbers.size());
      continue;
    }
    if (op.infer == nullptr) continue;
    const Meta meta = op.infer(*node);
    if (!(meta.shape == node->shape) || meta.dtype != node->dtype)
      fail(pass, "{} is {}{} and its operation infers {}{}", op.name, name(node->dtype),
           to_string(node->shape), name(meta.dtype), to_string(meta.shape));
  }
  for (const Graph::Assignment& assignment : graph.assignments) {
    const Node& variable = assignment.variable.node();
    const Node& value = assignment.value.node();
    if (variable.op->kind != Kind::variable || !(variable.shape == value.shape) ||
        variable.dtype != value.dtype)
      fail(pass, "'{}' is assigned {}", variable.label, describe(assignment.value));
  }
}

void verify(const char* pass, const Graph& graph, const Fusion& fusion) {
  std::unordered_set<const Node*> stored;
  for (const Tensor& leaf : graph.leaves) stored.insert(leaf.get());
  for (const Group& group : fusion.groups) stored.insert(group.results.begin(), group.results.end());
  for (const Group& group : fusion.groups) {
    for (const Load& load : group.loads) {
      if (!stored.contains(load.node))
        fail(pass, "a group reads {}, which nothing stores", load.node->op->name);
    }
  }
  for (const Graph::Assignment& assignment : graph.assignments) {
    if (!stored.contains(assignment.value.get()))
      fail(pass, "a new value of '{}' is not stored", assignment.variable.node().label);
  }
  for (const Tensor& output : graph.outputs) {
    if (!stored.contains(output.get())) fail(pass, "output {} is not stored", describe(output));
  }
}

void verify(const char* pass, const Plan& plan, const DeviceProfile& device) {
  PlanVerifier(pass, plan, device).run();
}

}  // namespace hekla::compiler
