// Submissions: numbered submissions to a queue, each with a fence, so that a caller waits for exactly the one
// it needs.
#pragma once

#include <volk.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>

namespace hekla::vulkan {

/// The submissions to one queue, numbered 1, 2, ... in order. At most two are in flight: while the device
/// executes one, the host submits the next. Each starts with a barrier, so they do not overlap on the device
/// as far as barriers prevent it. Thread-safe; a thread that waits blocks those that submit.
class Submissions {
 public:
  Submissions() = default;
  Submissions(const Submissions&) = delete;
  Submissions& operator=(const Submissions&) = delete;

  void open(VkDevice device, VkQueue queue);
  /// Destroys the objects of open(); the device must be idle.
  void close();

  /// Submits `commands` to the queue, after waiting until at most one earlier submission is unfinished, and
  /// returns the submission number. `what` is named in errors, including those that only appear while
  /// waiting. Drivers may compile commands that are `run_first` here, in their own threads.
  std::uint64_t submit(std::span<const VkCommandBuffer> commands, const std::string& what,
                       bool run_first = false);
  /// Waits until submission `number` and all earlier ones have finished; 0 is always finished. Their writes
  /// are visible to the host if they end with host_read_barrier(). Throws when the device was lost.
  void wait(std::uint64_t number);
  /// Whether submission `number` and all earlier ones have finished; does not wait for them. False for a lost device.
  bool has_finished(std::uint64_t number);
  /// Like wait(), for destructors: does not throw, because a lost device accesses no memory any more.
  void settle(std::uint64_t number) noexcept;
  /// For process exit, when other threads may be at any point: whether all submissions finished within
  /// `running`. Time spent on possible compilation does not count and is limited by `compiling`.
  bool settled_within(std::chrono::nanoseconds compiling, std::chrono::nanoseconds running) noexcept;

 private:
  static constexpr std::uint64_t most_unfinished = 2;
  struct Unfinished {
    VkFence fence = VK_NULL_HANDLE;
    std::string what;
  };
  void wait_locked(std::uint64_t number);

  std::mutex mutex_;  // held around every use of the queue and the fences
  VkDevice device_ = VK_NULL_HANDLE;
  VkQueue queue_ = VK_NULL_HANDLE;
  std::uint64_t last_ = 0;
  std::uint64_t last_run_first_ = 0;
  std::uint64_t done_ = 0;
  std::array<Unfinished, most_unfinished> unfinished_;  // submission n at n % 2
};

}  // namespace hekla::vulkan
