// Device memory: buffers from a caching pool, and moving bytes into and out of them. Start at
// BufferPool::acquire.
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

/// What memory a buffer lies in: near the device, or where the host writes or reads quickly.
enum class MemoryUse { device, upload, readback };

/// A piece of device memory that can be bound as a storage buffer or a texel buffer and copied.
struct Buffer {
  Context* context = nullptr;
  BufferPool* pool = nullptr;
  VkBuffer handle = VK_NULL_HANDLE;
  std::optional<MemoryPlace> place;
  VkDeviceSize bytes = 0;     // what was asked for
  VkDeviceSize capacity = 0;  // what is there: a multiple of 256, so that vec4 reads of the tail stay inside
  std::byte* host = nullptr;  // null when the host cannot see it
  bool coherent = false;
  bool cached = false;  // reading through `host` is quick
  MemoryUse use = MemoryUse::device;
  bool kept_when_free = true;  // or given back to the driver at once
  std::string label;
  std::uint64_t id = 0;  // of this VkBuffer: unlike its handle, never used again for another
  std::atomic<std::uint64_t> last_use = 0;  // the last submission that reads or writes it

  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  /// Waits until the device is done with it.
  ~Buffer();

  /// Notes that submission `number` uses it.
  void used_by(std::uint64_t number);
};

struct PoolCounters {
  VkDeviceSize bytes_in_use = 0;  // capacities, handed out
  VkDeviceSize bytes_held = 0;    // capacities, free for reuse
  VkDeviceSize peak_bytes = 0;    // the most that was in use at once
  std::size_t buffers_in_use = 0;
  std::size_t buffers_held = 0;
  std::size_t buffers_made = 0;  // since the pool was
  std::size_t allocations = 0;   // of memory that the driver has given and not got back
};

/// Hands out buffers and keeps those given back for the next who asks for about that size, as long as all
/// have no more than twice the bytes that were in use at once of late; beyond that whatever lay free longest
/// goes back to the driver. Safe to share between threads; buffers keep their pool, and the pool its context,
/// alive.
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  /// `most_bytes`, unless 0, is as much as the driver is asked for in total.
  static std::shared_ptr<BufferPool> make(std::shared_ptr<Context> context, VkDeviceSize most_bytes = 0);

  /// A buffer of at least `bytes` bytes with undefined content, which goes back to the pool when the last
  /// reference is dropped; throws when the device has no room, naming `label`. Submissions may still use it
  /// then, and when it is handed out again: what the next holder submits comes after them, and uploads and
  /// downloads wait for them.
  std::shared_ptr<Buffer> acquire(VkDeviceSize bytes, const std::string& label,
                                  MemoryUse use = MemoryUse::device);

  /// What gives buffers back that can be made again: called where there is no room, before that is an error.
  /// It may be called whenever a buffer is asked for; null for nothing.
  void when_full(std::function<void()> give_back);

  /// Gives the free buffers back to the driver.
  void trim();

  PoolCounters counters() const;
  Context& context() const { return *context_; }
  const std::shared_ptr<Context>& shared_context() const { return context_; }

 private:
  friend struct Buffer;
  using Free = std::list<std::unique_ptr<Buffer>>;  // that longest free first

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
  // The most that was in use at once since the last time that it was looked at, and between the last two.
  std::array<VkDeviceSize, 2> recent_peaks_{};
  int handed_out_ = 0;  // since then
  std::function<void()> give_back_;
};

/// Copies `data` to `buffer` at `offset` and returns when it is there, after the submissions that use the
/// buffer; work submitted later sees it.
void upload(Buffer& buffer, std::span<const std::byte> data, VkDeviceSize offset = 0);

/// Copies from `buffer` at `offset` into `data` and returns when it is there, after the submissions that use
/// the buffer, each of which ends with a barrier to host reads (see host_read_barrier).
void download(Buffer& buffer, std::span<std::byte> data, VkDeviceSize offset = 0);

/// Makes what shaders and copies wrote before visible to the host after the submission's fence.
void host_read_barrier(VkCommandBuffer commands);

/// `bytes` rounded up to what an allocation for it has: 256 bytes, then four sizes for each power of two.
VkDeviceSize size_class(VkDeviceSize bytes);

}  // namespace hekla::vulkan
