// Spare memory: per-thread free lists of the blocks that a dynamic loop allocates again at each step, for
// nodes and graph walks. malloc coalesces and splits such blocks again and again, which cost half of a loop's
// time on the host.
#pragma once

#include <cstddef>
#include <vector>

namespace hekla {

/// The blocks that this thread freed, by size, up to some megabytes; other requests go to operator new.
class SpareMemory {
 public:
  static void* take(std::size_t bytes);
  static void give(void* block, std::size_t bytes) noexcept;
};

/// The allocator for containers and std::allocate_shared.
template <class T>
struct SpareAllocator {
  using value_type = T;
  SpareAllocator() = default;
  template <class Other>
  SpareAllocator(const SpareAllocator<Other>&) {}

  T* allocate(std::size_t count) { return static_cast<T*>(SpareMemory::take(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept { SpareMemory::give(memory, count * sizeof(T)); }
  bool operator==(const SpareAllocator&) const = default;
};

/// A vector with the lifetime of a step.
template <class T>
using SpareVector = std::vector<T, SpareAllocator<T>>;

}  // namespace hekla
