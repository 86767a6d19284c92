// Device memory: buffers from a caching pool, and uploads and downloads. Start at BufferPool::acquire.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "backends/vulkan/context.h"
#include "backends/vulkan/device_memory.h"

namespace hekla::vulkan {

class BufferPool;

/// The kind of memory of a buffer: device-local, or fast for the host to write (upload) or read (readback).
enum class MemoryUse { device, upload, readback };

/// A device memory allocation that can be bound as a storage buffer or a texel buffer and copied.
struct Buffer {
  Context* context = nullptr;
  BufferPool* pool = nullptr;
  VkBuffer handle = VK_NULL_HANDLE;
  std::optional<MemoryPlace> place;
  VkDeviceSize bytes = 0;     // as requested
  VkDeviceSize capacity = 0;  // allocated: a multiple of 256, so that vec4 reads of the tail stay in bounds
  std::byte* host = nullptr;  // null when not host-visible
  bool coherent = false;
  bool cached = false;  // host-cached: reading through `host` is fast
  MemoryUse use = MemoryUse::device;
  bool kept_when_free = true;  // else it is freed at once
  std::string label;
  std::uint64_t id = 0;                     // of this VkBuffer; unlike a handle, an id is never reused
  std::atomic<std::uint64_t> last_use = 0;  // the last submission that reads or writes it

  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  /// Waits until the device has finished with it.
  ~Buffer();

  /// Records that submission `number` uses it.
  void used_by(std::uint64_t number);
};

struct PoolCounters {
  VkDeviceSize bytes_in_use = 0;  // sum of capacities in use
  VkDeviceSize bytes_held = 0;    // sum of capacities in the free list
  VkDeviceSize peak_bytes = 0;    // maximum of bytes_in_use
  std::size_t buffers_in_use = 0;
  std::size_t buffers_held = 0;
  std::size_t buffers_made = 0;  // since the pool was created
  std::size_t allocations = 0;   // live VkDeviceMemory allocations
};

/// A buffer pool: a free list of buffers by size. Buffers in use and free ones together stay below twice the
/// recent peak of bytes in use; beyond that the least recently used (LRU) free buffer is returned to the
/// driver. Thread-safe. Buffers keep their pool alive, and the pool its context.
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  /// `most_bytes`, unless 0, limits the total memory allocated from the driver.
  static std::shared_ptr<BufferPool> make(std::shared_ptr<Context> context, VkDeviceSize most_bytes = 0);

  /// A buffer of at least `bytes` bytes with undefined content, which returns to the pool when its last
  /// reference is dropped. Throws when the device is out of memory, naming `label`. Submissions may still use
  /// the buffer when it is returned and reused: work that the next owner submits runs after them, and uploads
  /// and downloads wait for them.
  std::shared_ptr<Buffer> acquire(VkDeviceSize bytes, const std::string& label,
                                  MemoryUse use = MemoryUse::device);

  /// Sets the callback for out of memory: it frees buffers that can be recreated, and runs before acquire()
  /// fails. acquire() may call it at any time; null for none.
  void when_full(std::function<void()> give_back);

  /// Returns the free buffers to the driver.
  void trim();

  PoolCounters counters() const;
  Context& context() const { return *context_; }
  const std::shared_ptr<Context>& shared_context() const { return context_; }

 private:
  friend struct Buffer;
  using Free = std::list<std::unique_ptr<Buffer>>;  // least recently used first

  BufferPool(std::shared_ptr<Context> context, VkDeviceSize most_bytes)
      : context_(std::move(context)), most_bytes_(most_bytes), memory_(*context_) {}
  std::unique_ptr<Buffer> take(VkDeviceSize bytes, const std::string& label, MemoryUse use);
  std::unique_ptr<Buffer> reuse(VkDeviceSize capacity, MemoryUse use);
  std::unique_ptr<Buffer> allocate(VkDeviceSize bytes, VkDeviceSize capacity, const std::string& label,
                                   MemoryUse use);
  std::unique_ptr<Buffer> try_allocate(VkDeviceSize capacity, MemoryUse use, VkResult& result);
  VkResult make(Buffer& buffer);
  void release(std::unique_ptr<Buffer> buffer);
  Free oldest_beyond(VkDeviceSize most_held);
  void note_use();

  std::shared_ptr<Context> context_;
  const VkDeviceSize most_bytes_;
  DeviceMemory memory_;
  mutable std::mutex mutex_;
  Free free_;
  std::array<std::multimap<VkDeviceSize, Free::iterator>, 3> free_by_capacity_;
  PoolCounters counters_;
  // Peaks of bytes in use: since the last update, and between the last two updates.
  std::array<VkDeviceSize, 2> recent_peaks_{};
  int handed_out_ = 0;  // buffers acquired since the last update
  std::function<void()> give_back_;
};

/// Copies `data` to `buffer` at `offset` and returns when the copy is complete. It waits for the submissions
/// that use the buffer first; work submitted later sees the new content.
void upload(Buffer& buffer, std::span<const std::byte> data, VkDeviceSize offset = 0);

/// Copies from `buffer` at `offset` into `data` and returns when the copy is complete. It waits for the
/// submissions that use the buffer, each of which ends with a barrier to host reads (see host_read_barrier).
void download(Buffer& buffer, std::span<std::byte> data, VkDeviceSize offset = 0);

/// A memory barrier: makes earlier writes of shaders and copies visible to the host after the fence is
/// signalled.
void host_read_barrier(VkCommandBuffer commands);

/// The allocation size for `bytes`: rounded up to 256 bytes, then to one of four sizes per power of two.
VkDeviceSize size_class(VkDeviceSize bytes);

}  // namespace hekla::vulkan
