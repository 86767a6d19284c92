// Memory that a dynamic loop takes again at each step: of nodes, and of what walks keep of them. Taken from
// malloc, which joins it with its neighbours and divides it again, it cost half of a loop's time on the host.
#pragma once

#include <cstddef>
#include <vector>

namespace hekla {

/// Blocks that this thread gave back, by size, up to some megabytes; whatever is not there comes from
/// operator new.
class SpareMemory {
 public:
  static void* take(std::size_t bytes);
  static void give(void* block, std::size_t bytes) noexcept;
};

/// For containers and std::allocate_shared.
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

/// Of what lives for a step.
template <class T>
using SpareVector = std::vector<T, SpareAllocator<T>>;

}  // namespace hekla
