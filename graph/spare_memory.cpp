// Spare memory: sizes up to a kilobyte are rounded up to cache lines, larger ones to powers of two.
#include "graph/spare_memory.h"

#include <algorithm>
#include <bit>
#include <new>

namespace hekla {

namespace {

constexpr std::size_t line = 64, small = 1024, largest = std::size_t{1} << 20;
constexpr std::size_t small_sizes = small / line, sizes = small_sizes + 10;
static_assert(small << (sizes - small_sizes) == largest);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t most_of_size = 0;  // the sanitizers should see each end
#else
constexpr std::size_t most_of_size = std::size_t{4} << 20;
#endif

std::size_t number_of(std::size_t bytes) {
  if (bytes <= small) return (std::max(bytes, line) + line - 1) / line - 1;
  return small_sizes + static_cast<std::size_t>(std::countr_zero(std::bit_ceil(bytes)) - 11);
}

std::size_t rounded(std::size_t bytes) {
  return bytes <= small ? (std::max(bytes, line) + line - 1) / line * line : std::bit_ceil(bytes);
}

struct Spare {
  Spare* next;
};

// No destructor: blocks may be freed after a thread's objects have ended. Owner frees the kept blocks when
// the thread ends, and from then on nothing is kept.
struct Lists {
  Spare* first[sizes];
  std::size_t bytes[sizes];
  bool closed;
};
constinit thread_local Lists lists{};

struct Owner {
  ~Owner() {
    lists.closed = true;
    for (Spare*& first : lists.first) {
      while (first != nullptr) {
        Spare* const block = first;
        first = block->next;
        ::operator delete(block);
      }
    }
  }
};

}  // namespace

void* SpareMemory::take(std::size_t bytes) {
  if (bytes > largest) return ::operator new(bytes);
  const std::size_t number = number_of(bytes);
  Spare* const block = lists.first[number];
  if (block == nullptr) return ::operator new(rounded(bytes));
  lists.first[number] = block->next;
  lists.bytes[number] -= rounded(bytes);
  return block;
}

void SpareMemory::give(void* block, std::size_t bytes) noexcept {
  const std::size_t number = bytes > largest ? sizes : number_of(bytes);
  if (number == sizes || lists.closed || lists.bytes[number] + rounded(bytes) > most_of_size)
    return ::operator delete(block);
  static thread_local const Owner owner;
  lists.first[number] = new (block) Spare{lists.first[number]};
  lists.bytes[number] += rounded(bytes);
}

}  // namespace hekla
