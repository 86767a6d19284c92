// Forming groups around anchors (vertical fusion) and merging groups (horizontal fusion).
#include "graph/compiler/groups.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "graph/compiler/positions.h"

namespace hekla::compiler {

namespace {

// At most so many tiny kernels with room left are tried as merge partners, so that a graph of many small
// pieces is planned in linear time.
constexpr std::size_t most_siblings = 32;

Form form_around(const Node& anchor) {
  switch (anchor.op->kind) {
    case Kind::matmul:
      return Form::matmul;
    case Kind::custom:
      return Form::custom;
    case Kind::loop:
      return Form::loop;
    default:
      return Form::reduce;
  }
}

// A set of groups that is cleared in constant time, because searches are many and mostly short.
class Seen {
 public:
  void clear() {
    ++round_;
    size_ = 0;
  }
  bool insert(int g) {
    if (contains(g)) return false;
    if (rounds_.size() <= static_cast<std::size_t>(g)) rounds_.resize(static_cast<std::size_t>(g) + 1);
    rounds_[static_cast<std::size_t>(g)] = round_;
    ++size_;
    return true;
  }
  bool contains(int g) const {
    return static_cast<std::size_t>(g) < rounds_.size() && rounds_[static_cast<std::size_t>(g)] == round_;
  }
  int size() const { return size_; }

 private:
  std::vector<int> rounds_;
  int round_ = 1;
  int size_ = 0;
};

class Grouping {
 public:
  Grouping(const Graph& graph, std::span<const Node* const> order, const Regions& regions,
           std::unordered_set<const Node*> stored, const FuseOptions& options, const Cuts& cuts)
      : options_(options),
        device_(options_.device),
        cuts_(cuts),
        order_(order),
        regions_(regions),
        stored_(std::move(stored)) {
    for (const Node* node : order_) {
      for (auto input = node->inputs.begin(); input != node->inputs.end(); ++input) {
        const bool repeated = std::any_of(node->inputs.begin(), input, [&](const Tensor& earlier) {
          return earlier.get() == input->get();
        });
        if (!repeated) users_[input->get()].push_back(node);
      }
    }
    for (const Tensor& output : graph.outputs) outputs_.insert(output.get());
    roots_ = outputs_;
    for (const Graph::Assignment& assignment : graph.assignments) {
      roots_.insert(assignment.value.get());
      assigned_[assignment.value.get()].push_back(assignment.variable.get());
    }
  }

  Fusion run() {
    if (options_.enabled) extend_anchors();
    start_groups();
    if (options_.enabled) {
      merge_into_producers();
      merge_tiny_siblings();
      drop_unread_results();
    }
    return finish();
  }

 private:
  // The size of a group's kernel, and the place in topological order of the last result of it and of all its
  // dependencies. A search prunes by it: a group that ends earlier cannot depend on this one.
  struct Extent {
    int statements;
    int folds;
    int last;
    int cut;  // how often its limits were halved
  };

  Group& group(int g) { return groups_[static_cast<std::size_t>(g)]; }
  const Group& group(int g) const { return groups_[static_cast<std::size_t>(g)]; }
  const Extent& extent(int g) const { return extents_[static_cast<std::size_t>(g)]; }

  const Node* only_user(const Node* node) const {
    const auto found = users_.find(node);
    return !roots_.contains(node) && found != users_.end() && found->second.size() == 1 ? found->second[0]
                                                                                        : nullptr;
  }

  // Epilogue: the elementwise chain after the anchor, where each node is the only reader of the one before.
  // Storing its last node instead of the anchor saves a kernel.
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
      if (user->op->kind != Kind::elementwise || is_packed(user->dtype)) break;
      chain.push_back(user);
      if (stored_.contains(user)) break;
      previous = user;
    }
    return chain;
  }

  // Shortens a chain until one kernel can bind all operands that it reads.
  void shorten(std::vector<const Node*>& chain, const Node* anchor) const {
    const auto is_stored = [&](const Node& node) { return &node != anchor && stored_.contains(&node); };
    while (!chain.empty()) {
      if (bind_few(regions_.loads_of(*chain.back(), is_stored), {chain.back()})) return;
      chain.pop_back();
    }
  }

  // Whether a device can bind what a kernel reads and writes.
  bool bind_few(const std::vector<Load>& loads, const std::vector<const Node*>& results) const {
    int own = 0, in_arena = 0;
    const auto count = [&](const Node* node) {
      ++(is_storage(node->op->kind) || roots_.contains(node) ? own : in_arena);
    };
    for (const Load& load : loads) {
      if (load.is_read) count(load.node);
    }
    for (const Node* result : results) {
      if (!options_.bindings.may_be_in_place || !replaces_one_of(loads, result)) count(result);
    }
    return options_.bindings.allow(own, in_arena);
  }

  // Whether a result may be written where one of the operands is read.
  bool replaces_one_of(const std::vector<Load>& loads, const Node* result) const {
    const auto found = assigned_.find(result);
    if (found == assigned_.end() || outputs_.contains(result)) return false;
    return std::ranges::any_of(loads, [&](const Load& load) {
      return load.in_place && load.is_read &&
             std::ranges::find(found->second, load.node) != found->second.end();
    });
  }

  void extend_anchors() {
    std::unordered_set<const Node*> taken;
    for (const Node* node : order_) {
      if (!is_anchor(*node, device_) || !stored_.contains(node) || is_opaque(node->op->kind)) continue;
      std::vector<const Node*> chain = chain_after(node, taken);
      shorten(chain, node);
      if (chain.empty()) continue;
      // Where two chains meet, the first one continues with the shared nodes; the other chain's result is
      // stored.
      taken.insert(chain.begin(), chain.end());
      stored_.erase(node);
      stored_.insert(chain.back());
      anchor_of_[chain.back()] = node;
    }
  }

  void start_groups() {
    const auto is_stored = [this](const Node& node) { return stored_.contains(&node); };
    for (const Node* node : order_) {
      if (!stored_.contains(node)) continue;
      if (joins_its_loop(*node)) continue;
      const auto found = anchor_of_.find(node);
      const Node* anchor = found != anchor_of_.end()   ? found->second
                           : is_anchor(*node, device_) ? node
                                                       : nullptr;
      const Form form = !anchor ? Form::map : form_around(*anchor);
      group_of_[node] = static_cast<int>(groups_.size());
      groups_.push_back({form, anchor, {node}, node->shape.count(), regions_.loads_of(*node, is_stored)});
      for (const Load& load : groups_.back().loads) {
        if (const int producer = producer_of(load); producer >= 0)
          consumers_[static_cast<std::size_t>(producer)].push_back(group_of_[node]);
      }
      consumers_.emplace_back();
      const Region region = regions_.under(*node, is_stored, device_.max_statements);
      extents_.push_back({region.statements, region.folds, regions_.place(node), times_cut(cuts_, node)});
    }
  }

  // Results of one loop are computed together. Their group is where the first of them is: all depend on the same
  // inputs.
  bool joins_its_loop(const Node& node) {
    if (node.op->kind != Kind::loop) return false;
    std::vector<const Node*> inputs;
    for (const Tensor& input : node.inputs) inputs.push_back(input.get());
    const int next = static_cast<int>(groups_.size());
    const auto [found, is_new] = loops_.try_emplace({node.loop.get(), std::move(inputs)}, next);
    if (is_new) return false;
    group(found->second).results.push_back(&node);
    group(found->second).count += node.shape.count();
    group_of_[&node] = found->second;
    return true;
  }

  // The group that computes a node; -1 for a leaf.
  int producer_of(const Load& load) const {
    const auto found = group_of_.find(load.node);
    return found != group_of_.end() ? found->second : -1;
  }

  // The loads of both groups together, each node once.
  std::vector<Load> loads_together(int a, int b) const {
    std::vector<Load> loads;
    const auto add = [&](const Load& load) {
      const int producer = producer_of(load);
      if (producer == a || producer == b) return;
      if (!loads.empty() && loads.back().node == load.node) {
        loads.back().in_place &= load.in_place;
        loads.back().is_read |= load.is_read;
      } else {
        loads.push_back(load);
      }
    };
    // Both lists are sorted: a linear merge.
    auto x = group(a).loads.begin();
    auto y = group(b).loads.begin();
    while (x != group(a).loads.end() || y != group(b).loads.end()) {
      const bool from_a = y == group(b).loads.end() ||
                          (x != group(a).loads.end() && regions_.place(x->node) <= regions_.place(y->node));
      add(from_a ? *x++ : *y++);
    }
    return loads;
  }

  bool fits_together(int a, int b) const {
    const auto is_narrow = [](const Node* result) { return is_packed(result->dtype); };
    for (const int g : {a, b}) {
      if (std::any_of(group(g).results.begin(), group(g).results.end(), is_narrow)) return false;
    }
    const int cut = std::max(extent(a).cut, extent(b).cut);
    if (static_cast<int>(group(a).results.size() + group(b).results.size()) > device_.max_results ||
        extent(a).statements + extent(b).statements > device_.max_statements >> cut ||
        extent(a).folds + extent(b).folds > device_.max_folds >> cut)
      return false;
    const std::vector<Load> loads = loads_together(a, b);
    std::vector<const Node*> results = group(a).results;
    results.insert(results.end(), group(b).results.begin(), group(b).results.end());
    return static_cast<int>(loads.size()) <= device_.max_operands && bind_few(loads, results);
  }

  // Fails where too many groups that depend on one of the two would have to be moved to end later.
  bool merge(int into, int from) {
    Extent& together = extents_[static_cast<std::size_t>(into)];
    const int last = std::max(together.last, extent(from).last);
    if (!end_at({into, from}, last)) return false;
    group(into).loads = loads_together(into, from);
    for (const Node* result : group(from).results) {
      group(into).results.push_back(result);
      group_of_[result] = into;
    }
    together = {together.statements + extent(from).statements, together.folds + extent(from).folds, last,
                std::max(together.cut, extent(from).cut)};
    std::vector<int>& users = consumers_[static_cast<std::size_t>(into)];
    const std::vector<int>& more = consumers_[static_cast<std::size_t>(from)];
    users.insert(users.end(), more.begin(), more.end());
    merged_into_[from] = into;
    group(from).results.clear();
    group(from).loads.clear();
    return true;
  }

  int merged(int g) const {
    for (auto found = merged_into_.find(g); found != merged_into_.end(); found = merged_into_.find(g))
      g = found->second;
    return g;
  }

  // Raises the end of `groups` and of all that depend on them, directly or transitively, to at least `last`.
  bool end_at(std::vector<int> groups, int last) {
    seen_.clear();
    for (const int g : groups) seen_.insert(g);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (seen_.size() > longest_search) return false;
      for (const int user : consumers_[static_cast<std::size_t>(groups[i])]) {
        const int consumer = merged(user);
        if (extent(consumer).last < last && seen_.insert(consumer)) groups.push_back(consumer);
      }
    }
    for (const int g : groups) extents_[static_cast<std::size_t>(g)].last = last;
    return true;
  }

  // Finds the groups `from` and their transitive dependencies, down to those that end before `earliest`.
  // Fails when the search exceeds its limit.
  bool find_needed(std::vector<int> from, int earliest, Seen& needed) const {
    needed.clear();
    for (const int g : from) needed.insert(g);
    while (!from.empty()) {
      const int current = from.back();
      from.pop_back();
      if (extent(current).last < earliest) continue;
      if (needed.size() > longest_search) return false;
      for (const Load& load : group(current).loads) {
        if (const int producer = producer_of(load); producer >= 0 && needed.insert(producer))
          from.push_back(producer);
      }
    }
    return true;
  }

  // The groups that compute what `g` reads, the last one first.
  std::vector<int> producers_of(int g) const {
    std::vector<int> producers;
    for (const Load& load : group(g).loads) {
      if (const int producer = producer_of(load); producer >= 0) producers.push_back(producer);
    }
    std::sort(producers.begin(), producers.end(), std::greater<>());
    producers.erase(std::unique(producers.begin(), producers.end()), producers.end());
    return producers;
  }

  // Whether `g` reads the results of `producer` element by element, over equally many elements, and through no third
  // group.
  bool can_follow_inside(int producer, int g) {
    const Group& target = group(producer);
    if (target.form == Form::custom || target.form == Form::loop || target.count != group(g).count)
      return false;
    const bool in_place = std::ranges::all_of(
        group(g).loads, [&](const Load& load) { return load.in_place || producer_of(load) != producer; });
    if (!in_place || !fits_together(producer, g)) return false;
    std::vector<int> others = producers_of(g);
    std::erase(others, producer);
    return find_needed(std::move(others), extent(producer).last, needed_) && !needed_.contains(producer);
  }

  // Vertical fusion: computes a result in the kernel of a group that it reads, and then there, too, what the kernel
  // still reads of other groups.
  void merge_into_producers() {
    for (int g = 0; g < static_cast<int>(groups_.size()); ++g) {
      if (group(g).form != Form::map || group(g).results.size() != 1) continue;
      int together = g;
      for (const int producer : producers_of(g)) {
        if (!can_follow_inside(producer, together)) continue;
        if (group(together).form == Form::map) {
          if (merge(producer, together)) together = producer;
        } else if (group(producer).form == Form::map) {
          merge(together, producer);
        }
      }
    }
  }

  // With equal element counts, one invocation computes an element of both, and may read what it writes later.
  bool over_equal_elements(int a, int b) const {
    const auto equal = [&](const Node* result) { return result->shape.count() == group(b).count; };
    return has_one_size(group(b)) && std::all_of(group(a).results.begin(), group(a).results.end(), equal);
  }

  // Whether `reader` reads a variable that `writer` gives a new value.
  bool overwrites(int writer, int reader) const {
    const auto is_read = [&](const Node* variable) {
      const std::vector<Load>& loads = group(reader).loads;
      return std::any_of(loads.begin(), loads.end(), [&](const Load& load) { return load.node == variable; });
    };
    const std::vector<const Node*>& results = group(writer).results;
    return std::any_of(results.begin(), results.end(), [&](const Node* result) {
      const auto found = assigned_.find(result);
      return found != assigned_.end() && std::any_of(found->second.begin(), found->second.end(), is_read);
    });
  }

  // Merges `g` into the first of `siblings` that allows it (horizontal fusion); -1 where none does.
  int merge_into_one_of(std::vector<int> siblings, int g) {
    std::erase_if(siblings, [&](int sibling) {
      return !fits_together(sibling, g) ||
             (!over_equal_elements(sibling, g) && (overwrites(sibling, g) || overwrites(g, sibling)));
    });
    if (siblings.empty()) return -1;
    // Siblings over equally many elements come first: they may share common subexpressions.
    std::stable_partition(siblings.begin(), siblings.end(),
                          [&](int sibling) { return over_equal_elements(sibling, g); });
    int earliest = extent(siblings.front()).last;
    for (const int sibling : siblings) earliest = std::min(earliest, extent(sibling).last);
    if (!find_needed({g}, earliest, needed_)) return -1;
    const auto merges = [&](int sibling) {
      return !needed_.contains(sibling) && find_needed({sibling}, extent(g).last, seen_) &&
             !seen_.contains(g) && merge(sibling, g);
    };
    const auto found = std::find_if(siblings.begin(), siblings.end(), merges);
    return found != siblings.end() ? *found : -1;
  }

  void merge_tiny_siblings() {
    std::vector<int> with_room;
    for (int g = 0; g < static_cast<int>(groups_.size()); ++g) {
      if (group(g).form != Form::map || group(g).results.empty()) continue;
      if (group(g).count == 0 || group(g).count > device_.tiny_elements)
        continue;  // an empty result needs no kernel
      const int sibling = merge_into_one_of(with_room, g);
      if (sibling >= 0) {
        if (static_cast<int>(group(sibling).results.size()) == device_.max_results)
          std::erase(with_room, sibling);
      } else {
        with_room.push_back(g);
        if (with_room.size() > most_siblings) with_room.erase(with_room.begin());
      }
    }
  }

  // Dead stores: a value stored for a kernel that has since been merged into its own need not reach memory.
  void drop_unread_results() {
    std::unordered_set<const Node*> read = roots_;
    for (const Group& group : groups_) {
      for (const Load& load : group.loads) read.insert(load.node);
    }
    for (Group& group : groups_) {
      std::erase_if(group.results, [&](const Node* result) { return !read.contains(result); });
    }
  }

  Fusion finish() {
    Fusion fusion;
    for (Group& group : groups_) {
      if (group.results.empty()) continue;
      for (const Node* result : group.results) {
        fusion.group_of[result] = static_cast<int>(fusion.groups.size());
      }
      fusion.groups.push_back(std::move(group));
    }
    return fusion;
  }

  FuseOptions options_;
  const DeviceProfile& device_;
  const Cuts& cuts_;
  std::span<const Node* const> order_;
  const Regions& regions_;
  std::unordered_set<const Node*> stored_;
  std::unordered_map<const Node*, std::vector<const Node*>> users_;
  std::unordered_set<const Node*> roots_, outputs_;
  std::unordered_map<const Node*, std::vector<const Node*>> assigned_;  // variables whose new value a node is
  std::unordered_map<const Node*, const Node*> anchor_of_;
  std::unordered_map<const Node*, int> group_of_;
  std::map<std::pair<const Loop*, std::vector<const Node*>>, int> loops_;
  std::vector<Group> groups_;
  // One entry per group; groups that were merged away are still named in `consumers_`.
  std::vector<Extent> extents_;
  std::vector<std::vector<int>> consumers_;
  std::unordered_map<int, int> merged_into_;
  Seen needed_, seen_;
};

}  // namespace

bool has_one_size(const Group& group) {
  return std::all_of(group.results.begin(), group.results.end(),
                     [&](const Node* result) { return result->shape.count() == group.count; });
}

bool is_anchor(const Node& node, const DeviceProfile& device) {
  if (node.op->kind != Kind::reduce) return node.op->kind == Kind::matmul || is_opaque(node.op->kind);
  const std::int64_t length = node.inputs[0].count() / std::max<std::int64_t>(1, node.shape.count());
  return length > device.longest_fold && can_be_stored(node, device.max_stored_bytes);
}

Fusion make_groups(const Graph& graph, std::span<const Node* const> order, const Regions& regions,
                   std::unordered_set<const Node*> stored, const FuseOptions& options, const Cuts& cuts) {
  return Grouping(graph, order, regions, std::move(stored), options, cuts).run();
}

}  // namespace hekla::compiler
