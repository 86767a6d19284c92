// Suballocation of device memory for buffers. Drivers allow a few thousand allocations
// (maxMemoryAllocationCount), and a model may have more variables than that, so small buffers share an
// allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <utility>

#include "backends/vulkan/context.h"

namespace hekla::vulkan {

/// One VkDeviceMemory allocation, divided into places of equal size; that of a large buffer has one place.
struct MemoryBlock {
  VkDeviceMemory memory = VK_NULL_HANDLE;
  std::byte* host = nullptr;  // null when not host-visible
  uint32_t type = 0;
  VkDeviceSize place_bytes = 0;
  std::uint64_t all = 0, free = 0;  // bit masks, one bit per place
};

/// The location of a buffer: a block and a place in it.
struct MemoryPlace {
  std::list<MemoryBlock>::iterator block;
  int index = 0;

  VkDeviceMemory memory() const { return block->memory; }
  VkDeviceSize offset() const { return static_cast<VkDeviceSize>(index) * block->place_bytes; }
  std::byte* host() const { return block->host == nullptr ? nullptr : block->host + offset(); }
};

/// The suballocator: owns the blocks and frees a block when its last place is released. Thread-safe.
class DeviceMemory {
 public:
  explicit DeviceMemory(const Context& context) : context_(context) {}

  /// Allocates `place` from memory of type `type` that satisfies `needs`, or returns the failure:
  /// VK_ERROR_TOO_MANY_OBJECTS when the driver allows no further allocation. A place is aligned to
  /// nonCoherentAtomSize and a multiple of it in size, so that flushing one place touches no other.
  VkResult take(const VkMemoryRequirements& needs, uint32_t type, MemoryPlace& place);
  void give_back(MemoryPlace place);

  std::size_t allocations() const;  // live at the driver

 private:
  using Blocks = std::list<MemoryBlock>;  // those with a free place first

  VkResult allocate(MemoryBlock& block) const;

  const Context& context_;
  mutable std::mutex mutex_;
  std::map<std::pair<uint32_t, VkDeviceSize>, Blocks> blocks_;  // by memory type and place size
  std::size_t allocations_ = 0;
};

}  // namespace hekla::vulkan
