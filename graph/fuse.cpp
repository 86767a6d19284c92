// Fusion, in four steps: what must be stored; what is cheaper to store than to compute again; kernels around
// reductions and products take in the elementwise work that follows; kernels over the same elements are
// merged.
#include "graph/fuse.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "graph/region.h"

namespace hekla {

namespace {

// Rows and columns that one invocation of a matrix product keeps in registers, roughly: an operand's element
// is computed again for each such block of the other operand.
constexpr double product_rows = 16;
constexpr double product_columns = 32;
// Kernels this small are all overhead: independent ones over equally many elements go into one.
constexpr std::int64_t tiny = 1024;

bool computes(const Node& node) {
  const Kind kind = node.op->kind;
  return kind == Kind::elementwise || kind == Kind::reduce || kind == Kind::gather || kind == Kind::matmul ||
         kind == Kind::custom;
}

double count(const Node& node) { return static_cast<double>(node.shape.count()); }

Form form_around(const Node& anchor) {
  switch (anchor.op->kind) {
    case Kind::matmul:
      return Form::matmul;
    case Kind::custom:
      return Form::custom;
    default:
      return Form::reduce;
  }
}

std::int64_t folded_length(const Node& reduce) {
  return reduce.inputs[0].count() / std::max<std::int64_t>(1, reduce.shape.count());
}

class Fuser {
 public:
  Fuser(const Graph& graph, const FuseOptions& options)
      : options_(options), order_(graph.order()), regions_(order_) {
    for (const Node* node : order_) {
      std::unordered_set<const Node*> distinct;
      for (const Tensor& input : node->inputs) {
        if (distinct.insert(input.get()).second) users_[input.get()].push_back(node);
      }
    }
    for (const Tensor& output : graph.outputs) roots_.insert(output.get());
    for (const Graph::Assignment& assignment : graph.assignments) roots_.insert(assignment.value.get());
  }

  Fusion run() {
    store_what_must_be();
    if (options_.enabled) store_what_is_cheaper_stored();
    make_groups();
    if (options_.enabled) {
      merge_into_producers();
      merge_tiny_siblings();
      drop_unread_results();
    }
    return finish();
  }

 private:
  Region region(const Node& root) const {
    return regions_.under(
        root, [this](const Node& node) { return stored_.contains(&node); }, options_.max_statements);
  }

  bool is_anchor(const Node& node) const {
    return node.op->kind == Kind::matmul || node.op->kind == Kind::custom ||
           (node.op->kind == Kind::reduce && folded_length(node) > options_.longest_fold);
  }

  // The computing node that a chain of views shows.
  static const Node* behind_views(const Node* node) {
    while (node->op->kind == Kind::view) node = node->inputs[0].get();
    return node;
  }

  bool fits(const Region& region) const {
    return region.statements <= options_.max_statements &&
           static_cast<int>(region.loads.size()) <= options_.max_operands &&
           region.folds <= options_.max_folds &&
           region.iterations <= static_cast<double>(options_.most_iterations);
  }

  // Stores a part of an overgrown region: an inner reduction if loops are the trouble, else the largest
  // operand.
  bool cut(const Node& root, const Region& overgrown) {
    const Node* chosen = nullptr;
    int largest = 0;
    const auto consider = [&](const Node* node, int size) {
      if (node == &root || !computes(*node) || stored_.contains(node) || size < largest + 1) return;
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
      if (roots_.contains(node) || is_anchor(*node) || (!options_.enabled && computes(*node)))
        stored_.insert(node);
      // What is waited for has arrived when it lies in memory.
      for (std::size_t i = inputs_read(*node); i < node->inputs.size(); ++i) {
        const Node* awaited = behind_views(node->inputs[i].get());
        if (computes(*awaited)) stored_.insert(awaited);
      }
      if (node->op->kind == Kind::custom) {
        // A custom kernel reads whole operands from memory.
        for (const Tensor& input : node->inputs) {
          if (!is_storage(input.node().op->kind)) stored_.insert(input.get());
        }
        continue;
      }
      if (!computes(*node)) continue;
      for (Region reach = region(*node); !fits(reach) && cut(*node, reach); reach = region(*node)) {
      }
      if (node->op->kind != Kind::matmul) continue;
      // A loop inside the product's own loop never pays.
      for (const Tensor& input : node->inputs) {
        const Node* operand = behind_views(input.get());
        if (computes(*operand) && region(*operand).folds > 0) stored_.insert(operand);
      }
    }
  }

  void store_what_is_cheaper_stored() {
    struct Evaluations {
      double total = 0;
      double needed = 1;  // for one element of the kernel's result
    };
    std::unordered_map<const Node*, Evaluations> evaluations;
    const auto add = [&](const Node* node, double times, double needed) {
      Evaluations& entry = evaluations[node];
      entry.needed = entry.total == 0 ? needed : std::max(entry.needed, needed);
      entry.total += times;
    };
    for (auto node = order_.rbegin(); node != order_.rend(); ++node) {
      const Node& n = **node;
      if (is_storage(n.op->kind)) continue;
      Evaluations own = evaluations[&n];
      if (computes(n) && !stored_.contains(&n) && own.total > count(n) * 1.001) {
        const double work = region(n).work;
        if (own.total * work > count(n) * (work + 4) + own.total + options_.dispatch_work) stored_.insert(&n);
      }
      if (stored_.contains(&n)) own = {count(n), 1};
      if (n.op->kind == Kind::matmul) {
        const double columns = static_cast<double>(n.shape.back());
        const double rows = static_cast<double>(n.shape[n.shape.rank() - 2]);
        add(n.inputs[0].get(), count(n.inputs[0].node()) * std::ceil(columns / product_columns), 1);
        add(n.inputs[1].get(), count(n.inputs[1].node()) * std::ceil(rows / product_rows), 1);
        continue;
      }
      const double below = regions_.needed_by(n, own.needed);
      for (std::size_t i = 0; i < inputs_read(n); ++i)
        add(n.inputs[i].get(), own.total / own.needed * below, below);
    }
  }

  const Node* only_user(const Node* node) const {
    const auto found = users_.find(node);
    return !roots_.contains(node) && found != users_.end() && found->second.size() == 1 ? found->second[0]
                                                                                        : nullptr;
  }

  // The elementwise chain that only passes the anchor's result on: storing its last node spares a kernel.
  std::vector<const Node*> chain_after(const Node* anchor,
                                       const std::unordered_set<const Node*>& taken) const {
    std::vector<const Node*> chain;
    const Node* previous = anchor;
    for (const Node* user = only_user(anchor); user && !taken.contains(user); user = only_user(user)) {
      if (user->op->kind == Kind::view && keeps_order(*user)) {
        if (roots_.contains(user) || user->inputs[0].get() != previous) break;
        previous = user;
        continue;
      }
      if (user->op->kind != Kind::elementwise || user->dtype == DType::u8) break;
      chain.push_back(user);
      if (stored_.contains(user)) break;
      previous = user;
    }
    return chain;
  }

  void make_groups() {
    std::unordered_set<const Node*> taken;
    if (options_.enabled) {
      for (const Node* node : order_) {
        // A custom kernel writes its own result.
        if (!is_anchor(*node) || !stored_.contains(node) || node->op->kind == Kind::custom) continue;
        const std::vector<const Node*> chain = chain_after(node, taken);
        if (chain.empty()) continue;
        // Where two chains meet, the first takes what follows; the other's result is stored.
        taken.insert(chain.begin(), chain.end());
        stored_.erase(node);
        stored_.insert(chain.back());
        anchor_of_[chain.back()] = node;
      }
    }
    for (const Node* node : order_) {
      if (!stored_.contains(node)) continue;
      const auto found = anchor_of_.find(node);
      const Node* anchor = found != anchor_of_.end() ? found->second : is_anchor(*node) ? node : nullptr;
      const Form form = !anchor ? Form::map : form_around(*anchor);
      group_of_[node] = static_cast<int>(groups_.size());
      groups_.push_back({form, anchor, {node}, node->shape.count()});
    }
  }

  // Groups whose results `group` reads.
  std::unordered_set<int> dependencies(const Group& group) const {
    std::unordered_set<int> found;
    for (const Node* load : loads(group)) {
      if (const auto producer = group_of_.find(load); producer != group_of_.end())
        found.insert(producer->second);
    }
    return found;
  }

  std::unordered_set<const Node*> loads(const Group& group) const {
    std::unordered_set<const Node*> found;
    for (const Node* result : group.results) {
      for (const Node* load : region(*result).loads) {
        if (std::find(group.results.begin(), group.results.end(), load) == group.results.end())
          found.insert(load);
      }
    }
    return found;
  }

  // Does `from` need, directly or through others, what group `target` computes?
  bool reaches(int from, int target) const {
    std::vector<int> open{from};
    std::unordered_set<int> seen{from};
    const int earliest = regions_.place(groups_[static_cast<std::size_t>(target)].results.front());
    while (!open.empty()) {
      const int current = open.back();
      open.pop_back();
      if (current == target) return true;
      const Group& group = groups_[static_cast<std::size_t>(current)];
      if (regions_.place(group.results.back()) < earliest) continue;
      for (const int dependency : dependencies(group)) {
        if (seen.insert(dependency).second) open.push_back(dependency);
      }
    }
    return false;
  }

  // Does `root` read the results of `group`, and each only at its own position?
  bool reads_in_place(const Node& root, int group) const {
    struct Visit {
      const Node* node;
      bool in_place;
    };
    std::vector<Visit> open{{&root, true}};
    std::unordered_set<const Node*> seen_in_place, seen_elsewhere;
    bool found = false;
    while (!open.empty()) {
      const Visit visit = open.back();
      open.pop_back();
      auto& seen = visit.in_place ? seen_in_place : seen_elsewhere;
      if (!seen.insert(visit.node).second) continue;
      if (visit.node != &root && stored_.contains(visit.node)) {
        if (group_of_.at(visit.node) != group) continue;
        if (!visit.in_place) return false;
        found = true;
        continue;
      }
      const bool passes = visit.node->op->kind == Kind::elementwise ||
                          (visit.node->op->kind == Kind::view && keeps_order(*visit.node));
      for (std::size_t i = 0; i < visit.node->inputs.size(); ++i) {
        open.push_back(
            {visit.node->inputs[i].get(), visit.in_place && passes && i < inputs_read(*visit.node)});
      }
    }
    return found;
  }

  bool fits_together(const Group& a, const Group& b) const {
    Group both = a;
    both.results.insert(both.results.end(), b.results.begin(), b.results.end());
    if (static_cast<int>(both.results.size()) > options_.max_results) return false;
    int statements = 0;
    int folds = 0;
    for (const Node* result : both.results) {
      const Region reach = region(*result);
      statements += reach.statements;
      folds += reach.folds;
      if (result->dtype == DType::u8) return false;
    }
    return static_cast<int>(loads(both).size()) <= options_.max_operands &&
           statements <= options_.max_statements && folds <= options_.max_folds;
  }

  void merge(int into, int from) {
    Group& target = groups_[static_cast<std::size_t>(into)];
    Group& source = groups_[static_cast<std::size_t>(from)];
    for (const Node* result : source.results) {
      target.results.push_back(result);
      group_of_[result] = into;
    }
    source.results.clear();
  }

  void merge_into_producers() {
    for (int g = 0; g < static_cast<int>(groups_.size()); ++g) {
      const Group& group = groups_[static_cast<std::size_t>(g)];
      if (group.form != Form::map || group.results.size() != 1) continue;
      const std::unordered_set<int> producers = dependencies(group);
      std::vector<int> candidates(producers.begin(), producers.end());
      std::sort(candidates.begin(), candidates.end(), std::greater<>());
      for (const int producer : candidates) {
        const Group& target = groups_[static_cast<std::size_t>(producer)];
        if (target.form == Form::custom || target.count != group.count ||
            !reads_in_place(*group.results[0], producer))
          continue;
        if (!fits_together(target, group)) continue;
        const bool cycle = std::any_of(producers.begin(), producers.end(), [&](int other) {
          return other != producer && reaches(other, producer);
        });
        if (cycle) continue;
        merge(producer, g);
        break;
      }
    }
  }

  void merge_tiny_siblings() {
    for (int g = 0; g < static_cast<int>(groups_.size()); ++g) {
      for (int h = 0; h < g; ++h) {
        const Group& first = groups_[static_cast<std::size_t>(h)];
        const Group& second = groups_[static_cast<std::size_t>(g)];
        if (first.form != Form::map || second.form != Form::map || first.results.empty() ||
            second.results.empty())
          continue;
        if (first.count != second.count || first.count > tiny || !fits_together(first, second)) continue;
        if (reaches(g, h) || reaches(h, g)) continue;
        merge(h, g);
        break;
      }
    }
  }

  // A value that was stored for a kernel which has since been merged into its own need not reach memory.
  void drop_unread_results() {
    std::unordered_set<const Node*> read = roots_;
    for (const Group& group : groups_) {
      const std::unordered_set<const Node*> from_others = loads(group);
      read.insert(from_others.begin(), from_others.end());
    }
    for (Group& group : groups_) {
      std::erase_if(group.results, [&](const Node* result) {
        if (read.contains(result)) return false;
        stored_.erase(result);
        group_of_.erase(result);
        return true;
      });
    }
  }

  Fusion finish() const {
    Fusion fusion;
    for (const Group& group : groups_) {
      if (group.results.empty()) continue;
      for (const Node* result : group.results) {
        fusion.group_of[result] = static_cast<int>(fusion.groups.size());
      }
      fusion.groups.push_back(group);
    }
    return fusion;
  }

  FuseOptions options_;
  std::vector<const Node*> order_;
  Regions regions_;
  std::unordered_map<const Node*, std::vector<const Node*>> users_;
  std::unordered_set<const Node*> roots_;
  std::unordered_set<const Node*> stored_;
  std::unordered_map<const Node*, const Node*> anchor_of_;
  std::unordered_map<const Node*, int> group_of_;
  std::vector<Group> groups_;
};

}  // namespace

Fusion fuse(const Graph& graph, const FuseOptions& options) { return Fuser(graph, options).run(); }

}  // namespace hekla
