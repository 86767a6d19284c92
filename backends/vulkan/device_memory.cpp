#include "backends/vulkan/device_memory.h"

#include <algorithm>
#include <bit>

namespace hekla::vulkan {
namespace {

constexpr VkDeviceSize largest_shared = VkDeviceSize{64} << 10;
constexpr VkDeviceSize shared_block = VkDeviceSize{1} << 20;  // at most
constexpr VkDeviceSize most_places = 64;

}  // namespace

VkResult DeviceMemory::take(const VkMemoryRequirements& needs, uint32_t type, MemoryPlace& place) {
  const VkDeviceSize step = std::max({VkDeviceSize{1}, needs.alignment, context_.limits.nonCoherentAtomSize});
  const VkDeviceSize size = (needs.size + step - 1) / step * step;
  std::lock_guard lock(mutex_);
  Blocks& blocks = blocks_[{type, size}];
  if (blocks.empty() || blocks.front().free == 0) {
    if (allocations_ >= context_.limits.maxMemoryAllocationCount) return VK_ERROR_TOO_MANY_OBJECTS;
    const VkDeviceSize places = size > largest_shared ? 1 : std::min(most_places, shared_block / size);
    MemoryBlock block{.type = type, .place_bytes = size, .all = ~std::uint64_t{0} >> (most_places - places)};
    block.free = block.all;
    if (const VkResult result = allocate(block); result != VK_SUCCESS) return result;
    ++allocations_;
    blocks.push_front(block);
  }
  place = {blocks.begin(), std::countr_zero(blocks.front().free)};
  place.block->free &= place.block->free - 1;
  if (place.block->free == 0) blocks.splice(blocks.end(), blocks, place.block);
  return VK_SUCCESS;
}

void DeviceMemory::give_back(MemoryPlace place) {
  std::lock_guard lock(mutex_);
  Blocks& blocks = blocks_[{place.block->type, place.block->place_bytes}];
  place.block->free |= std::uint64_t{1} << place.index;
  if (place.block->free != place.block->all) {
    blocks.splice(blocks.begin(), blocks, place.block);
    return;
  }
  vkFreeMemory(context_.device, place.block->memory, nullptr);
  blocks.erase(place.block);
  --allocations_;
}

VkResult DeviceMemory::allocate(MemoryBlock& block) const {
  VkMemoryAllocateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
  info.allocationSize = block.place_bytes * static_cast<VkDeviceSize>(std::popcount(block.all));
  info.memoryTypeIndex = block.type;
  VkResult result = vkAllocateMemory(context_.device, &info, nullptr, &block.memory);
  if (result != VK_SUCCESS) return result;
  const VkMemoryPropertyFlags properties = context_.memory.memoryTypes[block.type].propertyFlags;
  if ((properties & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) == 0) return VK_SUCCESS;
  void* host = nullptr;
  result = vkMapMemory(context_.device, block.memory, 0, VK_WHOLE_SIZE, 0, &host);
  if (result != VK_SUCCESS) {
    vkFreeMemory(context_.device, block.memory, nullptr);
    return result;
  }
  block.host = static_cast<std::byte*>(host);
  return VK_SUCCESS;
}

std::size_t DeviceMemory::allocations() const {
  std::lock_guard lock(mutex_);
  return allocations_;
}

}  // namespace hekla::vulkan
