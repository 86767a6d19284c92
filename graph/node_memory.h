// Memory of nodes: what those of one step of a dynamic loop leave is taken by those of the next. They are too
// large for the quick lists of malloc, which then spent a third of a loop's time.
#pragma once

#include <cstddef>
#include <new>

namespace hekla {

/// Blocks of one size that a thread gave back. It has no destructor, since nodes may end after a thread's
/// objects have: `Owner` frees what it holds when the thread ends, and from then on nothing is kept.
template <std::size_t size>
class SpareBlocks {
 public:
  static void* take() {
    Spare* block = spare_.first;
    if (block == nullptr) return ::operator new(size);
    spare_.first = block->next;
    --spare_.count;
    return block;
  }

  static void give(void* block) noexcept {
#ifdef __SANITIZE_ADDRESS__
    constexpr int most = 0;  // the sanitizer should see each end
#else
    constexpr int most = 1 << 14;
#endif
    if (spare_.closed || spare_.count == most) return ::operator delete(block);
    static thread_local const Owner owner;
    spare_.first = new (block) Spare{spare_.first};
    ++spare_.count;
  }

 private:
  struct Spare {
    Spare* next;
  };
  struct List {
    Spare* first;
    int count;
    bool closed;
  };
  struct Owner {
    ~Owner() {
      spare_.closed = true;
      while (spare_.first != nullptr) {
        Spare* block = spare_.first;
        spare_.first = block->next;
        ::operator delete(block);
      }
    }
  };
  static inline thread_local constinit List spare_{};
};

/// For std::allocate_shared.
template <class T>
struct NodeAllocator {
  using value_type = T;
  NodeAllocator() = default;
  template <class Other>
  NodeAllocator(const NodeAllocator<Other>&) {}

  T* allocate(std::size_t) { return static_cast<T*>(SpareBlocks<sizeof(T)>::take()); }
  void deallocate(T* memory, std::size_t) noexcept { SpareBlocks<sizeof(T)>::give(memory); }
  bool operator==(const NodeAllocator&) const = default;
};

}  // namespace hekla
