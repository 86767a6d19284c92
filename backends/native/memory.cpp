#include "backends/native/memory.h"

#include <algorithm>
#include <new>

#include "graph/host_memory.h"

namespace hekla::native {

namespace {

// The widest vector, and the distance at which two processors do not disturb each other.
constexpr std::align_val_t alignment{128};
// What a tile of a product may read beyond the columns of a matrix.
constexpr std::size_t beyond_end = 4096;

// Eight sizes to each power of two, so that blocks of similar sizes serve each other.
std::size_t capacity_for(std::size_t bytes) {
  std::size_t step = 256;
  while (step * 16 < bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

}  // namespace

Block::~Block() { pool_->release(memory_, capacity_); }

MemoryPool::~MemoryPool() { free_all(); }

std::size_t MemoryPool::held_bytes() {
  const std::lock_guard lock(mutex_);
  return held_;
}

void MemoryPool::free_all() {
  for (const auto& [capacity, memory] : free_) ::operator delete(memory, alignment);
  free_.clear();
  held_ = 0;
}

std::shared_ptr<Block> MemoryPool::acquire(std::size_t bytes, std::string_view where) {
  const std::size_t capacity = capacity_for(bytes);
  const std::lock_guard lock(mutex_);
  std::byte* memory = nullptr;
  if (const auto found = free_.find(capacity); found != free_.end()) {
    memory = found->second;
    free_.erase(found);
    held_ -= capacity;
  } else {
    const auto allocate = [&] {
      return static_cast<std::byte*>(::operator new(capacity + beyond_end, alignment, std::nothrow));
    };
    memory = allocate();
    if (memory == nullptr) {
      free_all();
      memory = allocate();
    }
    if (memory == nullptr) throw no_host_memory(where, bytes, 1);
    std::fill_n(memory + capacity, beyond_end, std::byte{0});
  }
  in_use_ += capacity;
  most_ = std::max(most_, in_use_);
  return std::make_shared<Block>(shared_from_this(), memory, bytes, capacity);
}

void MemoryPool::release(std::byte* memory, std::size_t capacity) {
  const std::lock_guard lock(mutex_);
  in_use_ -= capacity;
  if (in_use_ + held_ + capacity > 2 * most_) {
    ::operator delete(memory, alignment);
    return;
  }
  free_.emplace(capacity, memory);
  held_ += capacity;
}

}  // namespace hekla::native
