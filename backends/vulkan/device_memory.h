// Memory for buffers. Drivers allow a few thousand allocations (maxMemoryAllocationCount), and a model may
// have more variables than that: small buffers share one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <utility>

#include "backends/vulkan/context.h"

namespace hekla::vulkan {

/// One allocation, divided into places of equal size; a large buffer's has one place.
struct MemoryBlock {
  VkDeviceMemory memory = VK_NULL_HANDLE;
  std::byte* host = nullptr;  // null when the host cannot see it
  uint32_t type = 0;
  VkDeviceSize place_bytes = 0;
  std::uint64_t all = 0, free = 0;  // a bit for each place
};

/// Where a buffer's memory lies.
struct MemoryPlace {
  std::list<MemoryBlock>::iterator block;
  int index = 0;

  VkDeviceMemory memory() const { return block->memory; }
  VkDeviceSize offset() const { return static_cast<VkDeviceSize>(index) * block->place_bytes; }
  std::byte* host() const { return block->host == nullptr ? nullptr : block->host + offset(); }
};

/// Hands out places and keeps the blocks they lie in: a block with no place taken goes back to the driver.
/// Safe to share between threads.
class DeviceMemory {
 public:
  explicit DeviceMemory(const Context& context) : context_(context) {}

  /// Sets `place` to memory of type `type` that satisfies `needs`, or returns why there is none:
  /// VK_ERROR_TOO_MANY_OBJECTS where the driver allows no further allocation. A place begins at a multiple of
  /// nonCoherentAtomSize and holds a whole number of them, so that flushing one touches no other.
  VkResult take(const VkMemoryRequirements& needs, uint32_t type, MemoryPlace& place);
  void give_back(MemoryPlace place);

  std::size_t allocations() const;  // at the driver, now

 private:
  using Blocks = std::list<MemoryBlock>;  // those with a free place first

  VkResult allocate(MemoryBlock& block) const;

  const Context& context_;
  mutable std::mutex mutex_;
  std::map<std::pair<uint32_t, VkDeviceSize>, Blocks> blocks_;  // by memory type and size of a place
  std::size_t allocations_ = 0;
};

}  // namespace hekla::vulkan
