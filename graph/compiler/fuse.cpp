// Fusion: which nodes must be stored, and which are cheaper to store than to recompute. groups.cpp makes
// kernels from that choice.
#include "graph/compiler/fuse.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "graph/compiler/groups.h"
#include "graph/compiler/positions.h"

namespace hekla::compiler {

namespace {

bool computes(const Node& node) {
  const Kind kind = node.op->kind;
  return kind == Kind::elementwise || kind == Kind::reduce || kind == Kind::gather || kind == Kind::matmul ||
         is_opaque(kind);
}

double count(const Node& node) { return static_cast<double>(node.shape.count()); }

class Fuser {
 public:
  Fuser(const Graph& graph, const FuseOptions& options, const Cuts& cuts)
      : graph_(graph),
        options_(options),
        device_(options_.device),
        cuts_(cuts),
        order_(graph.order()),
        regions_(order_, device_) {
    for (const Tensor& output : graph.outputs) roots_.insert(output.get());
    for (const Graph::Assignment& assignment : graph.assignments) roots_.insert(assignment.value.get());
  }

  Fusion run() {
    store_what_must_be();
    if (!options_.enabled) return groups();
    store_what_is_cheaper_stored();
    Fusion fusion = groups();
    if (!store_what_lanes_could_share(fusion)) return fusion;
    Fusion spread = groups();
    return spread.groups.size() <= fusion.groups.size() ? spread : fusion;
  }

 private:
  Fusion groups() {
    // The in-place estimate is optimistic where the device binds far more than usual; the schedule detects
    // where it was wrong.
    const bool roomy = options_.bindings.most > 2 * device_.max_operands;
    if (!roomy || !options_.bindings.may_be_in_place) divide_what_binds_too_much();
    return make_groups(graph_, order_, regions_, stored_, options_, cuts_);
  }

  // A node stored because it fitted may be read by another kernel together with the operands it is made of.
  void divide_what_binds_too_much() {
    for (bool changed = true; changed;) {
      changed = false;
      for (const Node* node : order_) {
        if (!stored_.contains(node) || is_storage(node->op->kind)) continue;
        for (Region reach = region(*node); !binds_few(reach) && cut(*node, reach); reach = region(*node))
          changed = true;
      }
    }
  }

  // Each tensor that enters or leaves the plan is a binding of its own, and so is the region's own result.
  bool binds_few(const Region& region) const {
    const auto is_own = [&](const Node* node) { return is_storage(node->op->kind) || roots_.contains(node); };
    const auto own = static_cast<int>(std::ranges::count_if(region.reads, is_own));
    const int in_arena = static_cast<int>(region.reads.size()) - own;
    const bool result_is_own = is_own(region.inner.front());
    return options_.bindings.allow(own + result_is_own, in_arena + !result_is_own);
  }

  Region region(const Node& root, const Needed& needed = {}) const {
    return regions_.under(
        root, [this](const Node& node) { return stored_.contains(&node); }, device_.max_statements, needed);
  }

  // The computing node below a chain of views.
  static const Node* behind_views(const Node* node) {
    while (node->op->kind == Kind::view) node = node->inputs[0].get();
    return node;
  }

  bool fits(const Node& root, const Region& region) const {
    const int cut = times_cut(cuts_, &root);
    return region.statements <= device_.max_statements >> cut &&
           static_cast<int>(region.loads.size()) <= device_.max_operands && binds_few(region) &&
           region.folds <= device_.max_folds >> cut &&
           region.iterations <= static_cast<double>(device_.max_fused_iterations >> cut);
  }

  bool may_be_stored(const Node& node) const { return can_be_stored(node, device_.max_stored_bytes); }

  // Cuts an overgrown region by storing a part of it: an inner reduction if loops are the limit exceeded,
  // otherwise the largest operand.
  bool cut(const Node& root, const Region& overgrown) {
    const Node* chosen = nullptr;
    int largest = 0;
    const auto consider = [&](const Node* node, int size) {
      if (node == &root || !computes(*node) || stored_.contains(node) || size < largest + 1) return;
      if (!may_be_stored(*node)) return;
      chosen = node;
      largest = size;
    };
    if (overgrown.folds > 1) {
      for (const Node* inner : overgrown.inner) {
        if (inner->op->kind == Kind::reduce) consider(inner, regions_.place(inner) + 1);
      }
    }
    for (const Tensor& input : root.inputs) {
      if (chosen) break;
      const Node* node = behind_views(input.get());
      if (computes(*node)) consider(node, region(*node).statements);
    }
    if (chosen) stored_.insert(chosen);
    return chosen != nullptr;
  }

  void store_what_must_be() {
    for (const Node* node : order_) {
      if (is_storage(node->op->kind)) continue;
      const bool is_alone = !options_.enabled && computes(*node) && may_be_stored(*node);
      if (roots_.contains(node) || is_anchor(*node, device_) || is_alone) stored_.insert(node);
      // A view's further inputs are dependencies only: stored in memory, they are known to be complete.
      for (std::size_t i = inputs_read(*node); i < node->inputs.size(); ++i) {
        const Node* awaited = behind_views(node->inputs[i].get());
        if (computes(*awaited) && may_be_stored(*awaited)) stored_.insert(awaited);
      }
      if (is_opaque(node->op->kind)) {
        for (const Tensor& input : node->inputs) {
          if (!is_storage(input.node().op->kind)) stored_.insert(input.get());
        }
        continue;
      }
      if (!computes(*node)) continue;
      for (Region reach = region(*node); !fits(*node, reach) && cut(*node, reach); reach = region(*node)) {
      }
      if (node->op->kind != Kind::matmul) continue;
      // A loop nested in the product's own loop never pays.
      for (const Tensor& input : node->inputs) {
        const Node* operand = behind_views(input.get());
        if (computes(*operand) && region(*operand).folds > 0 && may_be_stored(*operand))
          stored_.insert(operand);
      }
    }
  }

  // How often a node is evaluated in all kernels together.
  struct Evaluations {
    double total = 0;
    Needed needed = {0, 0};  // of one invocation
    // A loop keeps nothing for the next one: where an invocation runs several, each evaluates anew what varies in it.
    double loops = 1;
    Needed in_loop = {0, 0};

    double invocations() const { return total / evaluated(); }
    double evaluated() const { return in_loop.axes != 0 ? loops * in_loop.elements : needed.elements; }

    void add(const Evaluations& more) {
      needed.ask(more.needed);
      loops = std::max(loops, more.loops);
      in_loop.ask(more.in_loop);
      total += more.total;
    }
  };
  // Loops are hoisted out of a short row and computed once for it (see lower.cpp); all else once per element.
  struct Counts {
    Evaluations by_element, by_row;
  };
  using Which = Evaluations Counts::*;

  Needed row_of(const Node& node) const {
    const bool is_short = node.shape.rank() > 0 && node.shape.back() <= device_.longest_row;
    if (!is_short) return {};
    return {static_cast<double>(node.shape.back()), std::uint64_t{1} << (node.shape.rank() - 1)};
  }

  void store_what_is_cheaper_stored() {
    std::unordered_map<const Node*, Counts> counts;
    std::vector<const Node*> chosen;
    for (auto node = order_.rbegin(); node != order_.rend(); ++node) {
      const Node& n = **node;
      if (is_storage(n.op->kind)) continue;
      if (computes(n) && !stored_.contains(&n) && is_cheaper_stored(n, counts[&n])) {
        stored_.insert(&n);
        chosen.push_back(&n);
      }
      count_inputs(n, &Counts::by_element, counts);
      count_inputs(n, &Counts::by_row, counts);
    }
    // A second, reverse pass: the operands of a node were undecided when the node was visited first. Where
    // they are stored by now, recomputing the node may have become cheaper.
    for (auto node = chosen.rbegin(); node != chosen.rend(); ++node) {
      stored_.erase(*node);
      if (is_cheaper_stored(**node, counts[*node])) stored_.insert(*node);
    }
  }

  void count_inputs(const Node& node, Which which, std::unordered_map<const Node*, Counts>& counts) const {
    Evaluations own = counts[&node].*which;
    if (stored_.contains(&node)) {
      const bool in_rows = which == &Counts::by_row && !is_anchor(node, device_);
      own = {.total = count(node), .needed = in_rows ? row_of(node) : Needed{}};
    }
    const auto add = [&](const Tensor& input, const Evaluations& more) {
      (counts[input.get()].*which).add(more);
    };
    if (node.op->kind == Kind::matmul) {
      const double columns = static_cast<double>(node.shape.back());
      const double rows = static_cast<double>(node.shape[node.shape.rank() - 2]);
      const auto shared_by = [&](const Tensor& factor, double outputs, double width) {
        add(factor, {.total = count(factor.node()) * std::ceil(outputs / width), .needed = {}});
      };
      shared_by(node.inputs[0], columns, device_.product_columns);
      shared_by(node.inputs[1], rows, device_.product_rows);
      return;
    }
    if (own.total == 0) return;
    const bool begins_loops =
        node.op->kind == Kind::reduce && own.needed.elements > 1 && own.in_loop.axes == 0;
    for (std::size_t i = 0; i < inputs_read(node); ++i) {
      Evaluations below = own;
      below.needed = regions_.needed_by(node, i, own.needed);
      if (begins_loops) below.loops = own.needed.elements;
      if (begins_loops || own.in_loop.axes != 0)
        below.in_loop = regions_.needed_by(node, i, begins_loops ? Needed{} : own.in_loop);
      below.total = own.invocations() * below.evaluated();
      add(node.inputs[i], below);
    }
  }

  // Nested loops in a kernel of few elements occupy one lane: the loss of a batch loops over examples, and
  // over classes inside. Storing the inner results spreads them over lanes. That is free where their kernel
  // fuses horizontally with others, as tiny kernels mostly do.
  bool store_what_lanes_could_share(const Fusion& fusion) {
    std::vector<const Node*> shared;
    for (const Group& group : fusion.groups) {
      if (group.form != Form::map) continue;
      for (const Node* result : group.results) {
        const Region reach = region(*result);
        if (reach.iterations <= static_cast<double>(device_.longest_fold)) continue;
        for (const Node* fold : reach.inner) {
          if (fold->op->kind != Kind::reduce || fold->shape.count() > result->shape.count()) continue;
          const Node* operand = behind_views(fold->inputs[0].get());
          if (computes(*operand) && !stored_.contains(operand) && region(*operand).folds > 0 &&
              may_be_stored(*operand))
            shared.push_back(operand);
        }
      }
    }
    stored_.insert(shared.begin(), shared.end());
    return !shared.empty();
  }

  bool is_cheaper_stored(const Node& node, const Counts& counts) const {
    if (counts.by_element.total <= count(node) * 1.001 || !may_be_stored(node)) return false;
    const Region alone = region(node);
    const Needed row = row_of(node);
    const double evaluations = alone.folds > 0 ? counts.by_row.total : counts.by_element.total;
    const double work = alone.folds > 0 ? region(node, row).work / row.elements : alone.work;
    const double stored =
        count(node) * (work + device_.store_work) + evaluations * device_.load_work + device_.dispatch_work;
    return evaluations * work > stored;
  }

  const Graph& graph_;
  FuseOptions options_;
  const DeviceProfile& device_;
  const Cuts& cuts_;
  std::vector<const Node*> order_;
  Regions regions_;
  std::unordered_set<const Node*> roots_;
  std::unordered_set<const Node*> stored_;
};

}  // namespace

bool BindingLimits::allow(int own, int in_arena) const {
  return own + (arena_as_one ? std::min(in_arena, 1) : in_arena) <= most || own + in_arena <= most;
}

Fusion fuse(const Graph& graph, const FuseOptions& options, const Cuts& cuts) {
  return Fuser(graph, options, cuts).run();
}

}  // namespace hekla::compiler
