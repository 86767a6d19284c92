// The buffer pool: one VkBuffer per held buffer; size classes let freed ones be reused.
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
constexpr VkDeviceSize always_held = VkDeviceSize{32} << 20;
constexpr int buffers_between_looks = 4096;  // between updates of the recent peak

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

// Suitability of a memory type; negative: unusable. A small window of host-visible device memory (256 MB on
// GPUs without a resizable BAR) scores no better than device-local memory that is not host-visible, since it
// would soon be full.
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
  if (place) pool->memory_.give_back(*place);
}

void Buffer::used_by(std::uint64_t number) {
  std::uint64_t known = last_use;
  while (known < number && !last_use.compare_exchange_weak(known, number)) {
  }
}

std::shared_ptr<BufferPool> BufferPool::make(std::shared_ptr<Context> context, VkDeviceSize most_bytes) {
  return std::shared_ptr<BufferPool>(new BufferPool(std::move(context), most_bytes));
}

void BufferPool::when_full(std::function<void()> give_back) {
  std::lock_guard lock(mutex_);
  give_back_ = std::move(give_back);
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
  const VkDeviceSize capacity = size_class(bytes);
  std::unique_ptr<Buffer> buffer = reuse(capacity, use);
  if (!buffer) buffer = allocate(bytes, capacity, label, use);
  buffer->bytes = bytes;
  buffer->label = label;
  return buffer;
}

// Updates the counters of buffers in use.
std::unique_ptr<Buffer> BufferPool::reuse(VkDeviceSize capacity, MemoryUse use) {
  std::lock_guard lock(mutex_);
  auto& by_capacity = free_by_capacity_[static_cast<std::size_t>(use)];
  const auto found = by_capacity.lower_bound(capacity);
  if (found == by_capacity.end() || found->first > capacity + capacity / 4) return nullptr;
  std::unique_ptr<Buffer> buffer = std::move(*found->second);
  free_.erase(found->second);
  by_capacity.erase(found);
  counters_.bytes_held -= buffer->capacity;
  --counters_.buffers_held;
  counters_.bytes_in_use += buffer->capacity;
  ++counters_.buffers_in_use;
  note_use();
  return buffer;
}

void BufferPool::note_use() {
  counters_.peak_bytes = std::max(counters_.peak_bytes, counters_.bytes_in_use);
  if (++handed_out_ == buffers_between_looks) {
    handed_out_ = 0;
    recent_peaks_ = {0, recent_peaks_[0]};
  }
  recent_peaks_[0] = std::max(recent_peaks_[0], counters_.bytes_in_use);
}

// When memory runs out, frees the free list first, then calls the callback of when_full().
std::unique_ptr<Buffer> BufferPool::allocate(VkDeviceSize bytes, VkDeviceSize capacity,
                                             const std::string& label, MemoryUse use) {
  VkResult result = VK_SUCCESS;
  if (auto buffer = try_allocate(capacity, use, result)) return buffer;
  trim();
  if (auto buffer = try_allocate(capacity, use, result)) return buffer;
  std::function<void()> give_back;
  {
    std::lock_guard lock(mutex_);
    give_back = give_back_;
  }
  if (give_back) {
    give_back();
    trim();
    if (auto buffer = try_allocate(capacity, use, result)) return buffer;
  }
  const PoolCounters now = counters();
  if (result == VK_ERROR_TOO_MANY_OBJECTS)
    throw Error(
        fmt::format("[allocate] '{}' wants {} bytes of memory in an allocation of its own, and {} allows no "
                    "more than {} at once; hold fewer computed tensors.",
                    label, bytes, context_->name, context_->limits.maxMemoryAllocationCount));
  const bool out_of_memory = result == VK_ERROR_OUT_OF_DEVICE_MEMORY || result == VK_ERROR_OUT_OF_HOST_MEMORY;
  if (!out_of_memory) check(result, "vkAllocateMemory", fmt::format("'{}' of {} bytes", label, bytes));
  throw Error(
      fmt::format("[allocate] '{}' wants {} bytes with {} bytes in use and {} has no room for it ({}); make "
                  "the batch or the model smaller, or drop tensors that are held without need.",
                  label, bytes, now.bytes_in_use, context_->name, result_name(result)));
}

// Updates the counters of buffers in use; null with the reason in `result`.
std::unique_ptr<Buffer> BufferPool::try_allocate(VkDeviceSize capacity, MemoryUse use, VkResult& result) {
  static std::atomic<std::uint64_t> next_id = 1;
  std::lock_guard lock(mutex_);
  if (most_bytes_ != 0 && counters_.bytes_in_use + counters_.bytes_held + capacity > most_bytes_) {
    result = VK_ERROR_OUT_OF_DEVICE_MEMORY;
    return nullptr;
  }
  auto buffer = std::make_unique<Buffer>();
  buffer->id = next_id++;
  buffer->context = context_.get();
  buffer->pool = this;
  buffer->capacity = capacity;
  buffer->use = use;
  result = make(*buffer);
  ++counters_.buffers_made;
  if (result != VK_SUCCESS) return nullptr;
  counters_.bytes_in_use += capacity;
  ++counters_.buffers_in_use;
  note_use();
  return buffer;
}

VkResult BufferPool::make(Buffer& buffer) {
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
  MemoryPlace place;
  result = memory_.take(needs, *best, place);
  if (result != VK_SUCCESS) return result;
  buffer.place = place;
  buffer.host = place.host();
  buffer.coherent = (properties.propertyFlags & coherent) != 0;
  buffer.cached = (properties.propertyFlags & cached) != 0;
  return vkBindBufferMemory(c.device, buffer.handle, place.memory(), place.offset());
}

void BufferPool::release(std::unique_ptr<Buffer> buffer) {
  Free given_back;  // destroyed after the lock is released: the destructor may wait for the device
  // In the child of fork() a thread that no longer exists may hold the mutex.
  if (context_->abandoned) return;
  std::lock_guard lock(mutex_);
  counters_.bytes_in_use -= buffer->capacity;
  --counters_.buffers_in_use;
  if (!buffer->kept_when_free) {
    given_back.push_back(std::move(buffer));
    return;
  }
  counters_.bytes_held += buffer->capacity;
  ++counters_.buffers_held;
  const VkDeviceSize capacity = buffer->capacity;
  auto& by_capacity = free_by_capacity_[static_cast<std::size_t>(buffer->use)];
  by_capacity.emplace(capacity, free_.insert(free_.end(), std::move(buffer)));
  // Twice the peak, because a loop may alternate between size classes that cannot be reused for each other.
  const VkDeviceSize most = 2 * std::max(recent_peaks_[0], recent_peaks_[1]);
  given_back = oldest_beyond(std::max(always_held, most - counters_.bytes_in_use));
}

void BufferPool::trim() {
  Free given_back;
  std::lock_guard lock(mutex_);
  given_back = oldest_beyond(0);
}

// Removes free buffers, LRU first, until the free list holds at most `most_held` bytes.
BufferPool::Free BufferPool::oldest_beyond(VkDeviceSize most_held) {
  Free taken;
  while (counters_.bytes_held > most_held) {
    const Buffer& oldest = *free_.front();
    auto& by_capacity = free_by_capacity_[static_cast<std::size_t>(oldest.use)];
    // Among equal capacities it is the first, because the multimap keeps insertion order.
    by_capacity.erase(by_capacity.lower_bound(oldest.capacity));
    counters_.bytes_held -= oldest.capacity;
    --counters_.buffers_held;
    taken.splice(taken.end(), free_, free_.begin());
  }
  return taken;
}

PoolCounters BufferPool::counters() const {
  std::lock_guard lock(mutex_);
  PoolCounters counters = counters_;
  counters.allocations = memory_.allocations();
  return counters;
}

}  // namespace hekla::vulkan
