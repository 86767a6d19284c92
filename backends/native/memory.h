// Host memory of the native device: blocks that are kept for reuse, because the system clears each new page.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

#include "graph/run/evaluator.h"

namespace hekla::native {

class MemoryPool;

/// Aligned memory, followed by bytes that vectors may read beyond its end.
class Block : public Storage {
 public:
  Block(std::shared_ptr<MemoryPool> pool, std::byte* memory, std::size_t bytes, std::size_t capacity)
      : pool_(std::move(pool)), memory_(memory), bytes_(bytes), capacity_(capacity) {}
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  /// Gives the memory back to the pool.
  ~Block() override;

  std::byte* data() const { return memory_; }
  std::span<std::byte> bytes() const { return {memory_, bytes_}; }

 private:
  std::shared_ptr<MemoryPool> pool_;
  std::byte* memory_;
  std::size_t bytes_, capacity_;
};

/// Free blocks by capacity. They and those in use stay below twice the most that was in use. Thread-safe, because
/// tensors are destroyed anywhere.
class MemoryPool : public std::enable_shared_from_this<MemoryPool> {
 public:
  MemoryPool() = default;
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;
  ~MemoryPool();

  /// Bytes of free blocks.
  std::size_t held_bytes();
  /// Throws hekla::Error `[where] ..` when there is no memory.
  std::shared_ptr<Block> acquire(std::size_t bytes, std::string_view where);

 private:
  friend class Block;
  void release(std::byte* memory, std::size_t capacity);
  void free_all();

  std::mutex mutex_;
  std::multimap<std::size_t, std::byte*> free_;
  std::size_t in_use_ = 0, held_ = 0, most_ = 0;
};

}  // namespace hekla::native
