// Memory planning: lifetimes (live ranges), placement in the arena, and hazards that need barriers.
#include "graph/compiler/memory.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace hekla::compiler {

namespace {

struct Lifetime {
  int slot;
  std::size_t first;
  std::size_t last;
  std::int64_t size = 0;
};

std::vector<Lifetime> lifetimes(const std::vector<Slot>& slots, const std::vector<Kernel>& kernels,
                                const std::vector<Repeated>& loops) {
  std::vector<Lifetime> lives;
  std::vector<int> life_of(slots.size(), -1);
  const auto touch = [&](int slot, std::size_t when) {
    if (slots[static_cast<std::size_t>(slot)].place != Slot::Place::arena) return;
    int& life = life_of[static_cast<std::size_t>(slot)];
    if (life < 0) {
      life = static_cast<int>(lives.size());
      lives.push_back({slot, when, when});
    }
    lives[static_cast<std::size_t>(life)].last = when;
  };
  for (std::size_t k = 0; k < kernels.size(); ++k) {
    for (const Store& store : kernels[k].stores) touch(store.slot, k);
    for (const int slot : kernels[k].operands) touch(slot, k);
  }
  // What enters or leaves a loop is alive in all its iterations.
  for (const Repeated& loop : loops) {
    for (Lifetime& life : lives) {
      if (life.last < loop.first || life.first >= loop.end) continue;
      if (life.first >= loop.first && life.last < loop.end) continue;
      life.first = std::min(life.first, loop.first);
      life.last = std::max(life.last, loop.end - 1);
    }
  }
  std::stable_sort(lives.begin(), lives.end(),
                   [](const Lifetime& a, const Lifetime& b) { return a.first < b.first; });
  return lives;
}

/// The byte range that a slot covers; leaves and outputs each have a memory of their own.
struct Extent {
  Slot::Place place;
  int number;
  std::int64_t begin;
  std::int64_t end;
};

Extent extent_of(const Slot& slot) {
  if (slot.place == Slot::Place::arena) return {slot.place, 0, slot.offset, slot.offset + slot.bytes()};
  return {slot.place, slot.number, 0, 1};
}

/// Memory touched, as disjoint byte ranges.
class Touched {
 public:
  bool overlaps(const Extent& extent) const {
    const auto next = ends_.lower_bound(Begin{extent.place, extent.number, extent.end});
    return next != ends_.begin() && same_memory(std::prev(next)->first, extent) &&
           std::prev(next)->second > extent.begin;
  }

  void add(Extent extent) {
    // Overlapping ranges are merged into the new one.
    while (true) {
      const auto next = ends_.lower_bound(Begin{extent.place, extent.number, extent.end});
      if (next == ends_.begin()) break;
      const auto before = std::prev(next);
      if (!same_memory(before->first, extent) || before->second <= extent.begin) break;
      extent.begin = std::min(extent.begin, std::get<2>(before->first));
      extent.end = std::max(extent.end, before->second);
      ends_.erase(before);
    }
    ends_.emplace(Begin{extent.place, extent.number, extent.begin}, extent.end);
  }

  void clear() { ends_.clear(); }

 private:
  using Begin = std::tuple<Slot::Place, int, std::int64_t>;
  static bool same_memory(const Begin& begin, const Extent& extent) {
    return std::get<0>(begin) == extent.place && std::get<1>(begin) == extent.number;
  }

  std::map<Begin, std::int64_t> ends_;
};

/// The free list of an arena: the gaps between live slots, and the arena's end so far.
class Gaps {
 public:
  /// Best fit: the smallest gap that is large enough, or else the end of the arena.
  std::int64_t take(std::int64_t size) {
    if (size == 0) return 0;
    const auto fitting = by_size_.lower_bound({size, 0});
    if (fitting == by_size_.end()) {
      // A gap at the end grows.
      std::int64_t offset = end_;
      if (!ends_.empty() && std::prev(ends_.end())->second == end_) {
        offset = std::prev(ends_.end())->first;
        remove(std::prev(ends_.end()));
      }
      end_ = offset + size;
      return offset;
    }
    const auto [gap, offset] = *fitting;
    remove(ends_.find(offset));
    if (gap > size) add(offset + size, offset + gap);
    return offset;
  }

  void give_back(std::int64_t begin, std::int64_t size) {
    if (size == 0) return;
    std::int64_t end = begin + size;
    auto next = ends_.lower_bound(begin);
    if (next != ends_.end() && next->first == end) {
      end = next->second;
      next = remove(next);
    }
    if (next != ends_.begin() && std::prev(next)->second == begin) {
      begin = std::prev(next)->first;
      remove(std::prev(next));
    }
    add(begin, end);
  }

  std::int64_t end() const { return end_; }

 private:
  using Ends = std::map<std::int64_t, std::int64_t>;
  void add(std::int64_t begin, std::int64_t end) {
    ends_.emplace(begin, end);
    by_size_.insert({end - begin, begin});
  }
  Ends::iterator remove(Ends::iterator gap) {
    by_size_.erase({gap->second - gap->first, gap->first});
    return ends_.erase(gap);
  }

  Ends ends_;                                                // of each gap, by its begin
  std::set<std::pair<std::int64_t, std::int64_t>> by_size_;  // size and begin
  std::int64_t end_ = 0;
};

struct Placement {
  std::vector<std::pair<int, std::int64_t>> offsets;  // by slot
  std::int64_t end;                                   // of the arena
};

// Places slots one after another in the order in which their lifetimes, which are sorted, begin.
Placement place(const std::vector<Lifetime>& lives, std::size_t kernels) {
  Placement placement;
  std::vector<std::vector<std::size_t>> dying(kernels);
  Gaps gaps;
  std::size_t now = 0;
  for (std::size_t i = 0; i < lives.size(); ++i) {
    for (; now < lives[i].first; ++now) {
      for (const std::size_t dead : dying[now])
        gaps.give_back(placement.offsets[dead].second, lives[dead].size);
    }
    placement.offsets.emplace_back(lives[i].slot, gaps.take(lives[i].size));
    dying[lives[i].last].push_back(i);
  }
  placement.end = gaps.end();
  return placement;
}

}  // namespace

std::int64_t place_in_arena(std::vector<Slot>& slots, const std::vector<Kernel>& kernels,
                            const std::vector<Repeated>& loops, std::int64_t alignment) {
  std::vector<Lifetime> lives = lifetimes(slots, kernels, loops);
  for (Lifetime& life : lives) {
    const std::int64_t bytes = slots[static_cast<std::size_t>(life.slot)].bytes();
    life.size = (bytes + alignment - 1) / alignment * alignment;
  }
  // Placement runs in both directions of time, because an order that leaves gaps in one rarely does in the
  // other.
  const Placement forwards = place(lives, kernels.size());
  for (Lifetime& life : lives) {
    const std::size_t first = life.first;
    life.first = kernels.size() - 1 - life.last;
    life.last = kernels.size() - 1 - first;
  }
  std::stable_sort(lives.begin(), lives.end(),
                   [](const Lifetime& a, const Lifetime& b) { return a.first < b.first; });
  const Placement backwards = place(lives, kernels.size());
  // Memory that is reused sooner causes more barriers, so that a slightly smaller arena is not worth them.
  const Placement& chosen = backwards.end < forwards.end - forwards.end / 16 ? backwards : forwards;
  for (const auto& [slot, offset] : chosen.offsets) slots[static_cast<std::size_t>(slot)].offset = offset;
  return chosen.end;
}

Stretch stretch_of_arena(const Kernel& kernel, const std::vector<Slot>& slots) {
  int first = -1;
  std::int64_t begin = 0, end = 0;
  const auto touch = [&](int number) {
    const Slot& slot = slots[static_cast<std::size_t>(number)];
    if (slot.place != Slot::Place::arena) return;
    if (first < 0 || slot.offset < begin) {
      first = number;
      begin = slot.offset;
    }
    end = std::max(end, slot.offset + slot.bytes());
  };
  for (const int slot : kernel.operands) touch(slot);
  for (const Store& store : kernel.stores) touch(store.slot);
  return {first, end - begin};
}

std::vector<bool> place_barriers(const std::vector<Slot>& slots, const std::vector<Kernel>& kernels,
                                 const std::vector<Repeated>& loops) {
  std::vector<bool> barriers;
  Touched read, written;
  for (const Kernel& kernel : kernels) {
    std::vector<Extent> reads, writes;
    for (const int slot : kernel.operands) reads.push_back(extent_of(slots[static_cast<std::size_t>(slot)]));
    for (const Store& store : kernel.stores)
      writes.push_back(extent_of(slots[static_cast<std::size_t>(store.slot)]));
    // Slots bound as one are a single resource to the device, hazards included.
    if (const Stretch arena = stretch_of_arena(kernel, slots); kernel.arena_as_one && arena.first >= 0) {
      const std::int64_t begin = slots[static_cast<std::size_t>(arena.first)].offset;
      writes.push_back({Slot::Place::arena, 0, begin, begin + arena.bytes});
    }
    const bool begins_iteration =
        std::ranges::any_of(loops, [&](const Repeated& loop) { return loop.first == barriers.size(); });
    const bool hazard = begins_iteration ||
                        std::any_of(reads.begin(), reads.end(),
                                    [&](const Extent& extent) { return written.overlaps(extent); }) ||
                        std::any_of(writes.begin(), writes.end(), [&](const Extent& extent) {
                          return written.overlaps(extent) || read.overlaps(extent);
                        });
    barriers.push_back(hazard);
    if (hazard) {
      read.clear();
      written.clear();
    }
    for (const Extent& extent : reads) read.add(extent);
    for (const Extent& extent : writes) written.add(extent);
  }
  return barriers;
}

}  // namespace hekla::compiler
