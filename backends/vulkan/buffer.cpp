// The pool has one VkDeviceMemory per buffer: drivers allow a few thousand, plans take few large arenas, and
// the size classes let freed ones be found again.
#include "backends/vulkan/buffer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <optional>

#include "graph/error.h"

namespace hekla::vulkan {
namespace {

constexpr VkDeviceSize smallest = 256;
constexpr VkDeviceSize large = VkDeviceSize{16} << 20;
constexpr VkDeviceSize large_step = VkDeviceSize{4} << 20;

VkDeviceSize round_up(VkDeviceSize value, VkDeviceSize step) { return (value + step - 1) / step * step; }

constexpr VkMemoryPropertyFlags local = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
constexpr VkMemoryPropertyFlags visible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
constexpr VkMemoryPropertyFlags coherent = VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
constexpr VkMemoryPropertyFlags cached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;

VkDeviceSize largest_local_heap(const VkPhysicalDeviceMemoryProperties& memory) {
  VkDeviceSize largest = 0;
  for (uint32_t i = 0; i < memory.memoryHeapCount; ++i)
    if ((memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0)
      largest = std::max(largest, memory.memoryHeaps[i].size);
  return largest;
}

// How well a memory type serves; negative: not at all. A small window of visible device memory (256 MB on
// GPUs without a resizable BAR) scores no better than hidden memory, since it would soon be full.
int score(const Context& context, uint32_t type, MemoryUse use) {
  const VkMemoryType& t = context.memory.memoryTypes[type];
  VkMemoryPropertyFlags flags = t.propertyFlags;
  if ((flags & (VK_MEMORY_PROPERTY_PROTECTED_BIT | VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT)) != 0) return -1;
  auto has = [&](VkMemoryPropertyFlags wanted) { return (flags & wanted) == wanted ? 1 : 0; };
  switch (use) {
    case MemoryUse::device: {
      bool whole = context.memory.memoryHeaps[t.heapIndex].size >= largest_local_heap(context.memory);
      bool shared = context.type != DeviceType::discrete;
      int useful = whole
                       ? 4 * has(visible) + 2 * has(visible | coherent) + (shared ? has(visible | cached) : 0)
                       : -has(visible);
      return 10 + 100 * has(local) + useful;
    }
    case MemoryUse::upload:
      return has(visible) ? 10 + 4 * has(coherent) + 2 * (1 - has(local)) : -1;
    case MemoryUse::readback:
      return has(visible) ? 10 + 4 * has(cached) + 2 * has(coherent) : -1;
  }
  return -1;
}

std::optional<uint32_t> best_type(const Context& context, uint32_t allowed, MemoryUse use) {
  std::optional<uint32_t> best;
  for (uint32_t i = 0; i < context.memory.memoryTypeCount; ++i) {
    if ((allowed & (uint32_t{1} << i)) == 0 || score(context, i, use) < 0) continue;
    if (!best || score(context, i, use) > score(context, *best, use)) best = i;
  }
  return best;
}

}  // namespace

VkDeviceSize size_class(VkDeviceSize bytes) {
  if (bytes <= smallest) return smallest;
  if (bytes > large) return round_up(bytes, large_step);
  return round_up(bytes, std::max(smallest, std::bit_floor(bytes) / 4));
}

Buffer::~Buffer() {
  if (context == nullptr || context->abandoned) return;
  context->submissions.settle(last_use);
  if (handle != VK_NULL_HANDLE) vkDestroyBuffer(context->device, handle, nullptr);
  if (memory != VK_NULL_HANDLE) vkFreeMemory(context->device, memory, nullptr);
}

void Buffer::used_by(std::uint64_t number) {
  std::uint64_t known = last_use;
  while (known < number && !last_use.compare_exchange_weak(known, number)) {
  }
}

std::shared_ptr<BufferPool> BufferPool::make(std::shared_ptr<Context> context) {
  return std::shared_ptr<BufferPool>(new BufferPool(std::move(context)));
}

std::shared_ptr<Buffer> BufferPool::acquire(VkDeviceSize bytes, const std::string& label, MemoryUse use) {
  VkDeviceSize room = largest_local_heap(context_->memory);
  if (bytes > room)
    throw Error(
        fmt::format("[allocate] '{}' wants {} bytes and all of {}'s memory is {}; make the batch or the "
                    "model smaller.",
                    label, bytes, context_->name, room));
  auto give_back = [pool = shared_from_this()](Buffer* b) { pool->release(std::unique_ptr<Buffer>(b)); };
  std::shared_ptr<Buffer> buffer(take(bytes, label, use).release(), give_back);
  name_object(*context_, VK_OBJECT_TYPE_BUFFER, handle_bits(buffer->handle), label);
  return buffer;
}

std::unique_ptr<Buffer> BufferPool::take(VkDeviceSize bytes, const std::string& label, MemoryUse use) {
  std::lock_guard lock(mutex_);
  VkDeviceSize capacity = size_class(bytes);
  std::unique_ptr<Buffer> buffer = reuse(capacity, use);
  if (!buffer) buffer = allocate(bytes, capacity, label, use);
  buffer->bytes = bytes;
  buffer->label = label;
  counters_.bytes_in_use += buffer->capacity;
  counters_.peak_bytes = std::max(counters_.peak_bytes, counters_.bytes_in_use);
  ++counters_.buffers_in_use;
  return buffer;
}

std::unique_ptr<Buffer> BufferPool::reuse(VkDeviceSize capacity, MemoryUse use) {
  FreeList& list = free_[static_cast<std::size_t>(use)];
  auto found = list.lower_bound(capacity);
  if (found == list.end() || found->first > capacity + capacity / 4) return nullptr;
  std::unique_ptr<Buffer> buffer = std::move(found->second);
  list.erase(found);
  counters_.bytes_held -= buffer->capacity;
  --counters_.buffers_held;
  return buffer;
}

std::unique_ptr<Buffer> BufferPool::allocate(VkDeviceSize bytes, VkDeviceSize capacity,
                                             const std::string& label, MemoryUse use) {
  auto in_driver = [&] { return counters_.buffers_in_use + counters_.buffers_held; };
  if (in_driver() >= context_->limits.maxMemoryAllocationCount) trim_locked();
  if (in_driver() >= context_->limits.maxMemoryAllocationCount)
    throw Error(
        fmt::format("[allocate] '{}' would be buffer {} and {} allows {}; hold fewer computed tensors at "
                    "once.",
                    label, in_driver() + 1, context_->name, context_->limits.maxMemoryAllocationCount));
  VkResult result = VK_SUCCESS;
  for (int attempt = 0; attempt < 2; ++attempt) {
    static std::atomic<std::uint64_t> next_id = 1;
    auto buffer = std::make_unique<Buffer>();
    buffer->id = next_id++;
    buffer->context = context_.get();
    buffer->pool = this;
    buffer->capacity = capacity;
    buffer->use = use;
    result = try_allocate(*buffer);
    ++counters_.allocations;
    if (result == VK_SUCCESS) return buffer;
    bool out_of_memory = result == VK_ERROR_OUT_OF_DEVICE_MEMORY || result == VK_ERROR_OUT_OF_HOST_MEMORY;
    if (!out_of_memory) check(result, "vkAllocateMemory", fmt::format("'{}' of {} bytes", label, bytes));
    // What the pool only keeps in case may be what is missing.
    trim_locked();
  }
  throw Error(
      fmt::format("[allocate] '{}' wants {} bytes with {} bytes in use and {} has no room for it ({}); make "
                  "the batch or the model smaller, or drop tensors that are held without need.",
                  label, bytes, counters_.bytes_in_use, context_->name, result_name(result)));
}

VkResult BufferPool::try_allocate(Buffer& buffer) {
  const Context& c = *context_;
  VkBufferCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
  info.size = buffer.capacity;
  info.usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
  if (buffer.use == MemoryUse::device)
    info.usage |= VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_STORAGE_TEXEL_BUFFER_BIT;
  VkResult result = vkCreateBuffer(c.device, &info, nullptr, &buffer.handle);
  if (result != VK_SUCCESS) return result;
  VkMemoryRequirements needs{};
  vkGetBufferMemoryRequirements(c.device, buffer.handle, &needs);
  std::optional<uint32_t> best = best_type(c, needs.memoryTypeBits, buffer.use);
  if (!best) return VK_ERROR_FEATURE_NOT_PRESENT;
  const VkMemoryType& properties = c.memory.memoryTypes[*best];
  bool too_large = c.max_allocation_bytes != 0 && needs.size > c.max_allocation_bytes;
  if (too_large || needs.size > c.memory.memoryHeaps[properties.heapIndex].size)
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  VkMemoryAllocateInfo allocate{};
  allocate.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
  allocate.allocationSize = needs.size;
  allocate.memoryTypeIndex = *best;
  result = vkAllocateMemory(c.device, &allocate, nullptr, &buffer.memory);
  if (result != VK_SUCCESS) return result;
  result = vkBindBufferMemory(c.device, buffer.handle, buffer.memory, 0);
  if (result != VK_SUCCESS) return result;
  buffer.coherent = (properties.propertyFlags & coherent) != 0;
  buffer.cached = (properties.propertyFlags & cached) != 0;
  if ((properties.propertyFlags & visible) == 0) return VK_SUCCESS;
  void* host = nullptr;
  result = vkMapMemory(c.device, buffer.memory, 0, VK_WHOLE_SIZE, 0, &host);
  buffer.host = static_cast<std::byte*>(host);
  return result;
}

void BufferPool::release(std::unique_ptr<Buffer> buffer) {
  std::lock_guard lock(mutex_);
  counters_.bytes_in_use -= buffer->capacity;
  --counters_.buffers_in_use;
  counters_.bytes_held += buffer->capacity;
  ++counters_.buffers_held;
  FreeList& list = free_[static_cast<std::size_t>(buffer->use)];
  VkDeviceSize capacity = buffer->capacity;
  list.emplace(capacity, std::move(buffer));
}

void BufferPool::trim() {
  std::lock_guard lock(mutex_);
  trim_locked();
}

void BufferPool::trim_locked() {
  for (FreeList& list : free_) list.clear();
  counters_.bytes_held = 0;
  counters_.buffers_held = 0;
}

PoolCounters BufferPool::counters() const {
  std::lock_guard lock(mutex_);
  return counters_;
}

}  // namespace hekla::vulkan
