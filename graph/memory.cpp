// Memory and barriers of a plan.
#include <algorithm>

#include "graph/plan.h"

namespace hekla {

namespace {

struct Lifetime {
  int slot;
  std::size_t first;
  std::size_t last;
};

std::vector<Lifetime> lifetimes(const std::vector<Slot>& slots, const std::vector<Kernel>& kernels) {
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
  return lives;
}

/// Bytes of memory a slot covers; leaves and outputs each lie in a memory of their own.
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

bool overlaps(const std::vector<Extent>& extents, const Extent& extent) {
  return std::any_of(extents.begin(), extents.end(), [&](const Extent& other) {
    return other.place == extent.place && other.number == extent.number && other.begin < extent.end &&
           extent.begin < other.end;
  });
}

}  // namespace

std::int64_t place_in_arena(std::vector<Slot>& slots, const std::vector<Kernel>& kernels,
                            std::int64_t alignment) {
  const std::vector<Lifetime> lives = lifetimes(slots, kernels);
  const auto size_of_slot = [&](int slot) {
    return (slots[static_cast<std::size_t>(slot)].bytes() + alignment - 1) / alignment * alignment;
  };
  std::vector<Lifetime> placed;  // alive now, by offset
  std::int64_t arena = 0;
  for (const Lifetime& life : lives) {
    std::erase_if(placed, [&](const Lifetime& other) { return other.last < life.first; });
    std::int64_t offset = 0;
    auto position = placed.begin();
    for (; position != placed.end(); ++position) {
      const std::int64_t begin = slots[static_cast<std::size_t>(position->slot)].offset;
      if (offset + size_of_slot(life.slot) <= begin) break;
      offset = begin + size_of_slot(position->slot);
    }
    placed.insert(position, life);
    slots[static_cast<std::size_t>(life.slot)].offset = offset;
    arena = std::max(arena, offset + size_of_slot(life.slot));
  }
  return arena;
}

std::vector<bool> place_barriers(const std::vector<Slot>& slots, const std::vector<Kernel>& kernels) {
  std::vector<bool> barriers;
  std::vector<Extent> read, written;
  for (const Kernel& kernel : kernels) {
    std::vector<Extent> reads, writes;
    for (const int slot : kernel.operands) reads.push_back(extent_of(slots[static_cast<std::size_t>(slot)]));
    for (const Store& store : kernel.stores)
      writes.push_back(extent_of(slots[static_cast<std::size_t>(store.slot)]));
    const bool hazard = std::any_of(reads.begin(), reads.end(),
                                    [&](const Extent& extent) { return overlaps(written, extent); }) ||
                        std::any_of(writes.begin(), writes.end(), [&](const Extent& extent) {
                          return overlaps(written, extent) || overlaps(read, extent);
                        });
    barriers.push_back(hazard);
    if (hazard) {
      read.clear();
      written.clear();
    }
    read.insert(read.end(), reads.begin(), reads.end());
    written.insert(written.end(), writes.begin(), writes.end());
  }
  return barriers;
}

}  // namespace hekla
