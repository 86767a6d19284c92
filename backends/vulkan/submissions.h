// Submissions: commands handed to a device's queue and counted, so that whoever needs them done can wait for
// just these.
#pragma once

#include <volk.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>

namespace hekla::vulkan {

/// The submissions to one queue, numbered 1, 2, ... in order. At most two are unfinished: while the device
/// runs one, the host hands over the next. They do not overlap on the device as far as their barriers forbid
/// it, and each starts with one. Safe to share between threads; one that waits holds up those that submit.
class Submissions {
 public:
  Submissions() = default;
  Submissions(const Submissions&) = delete;
  Submissions& operator=(const Submissions&) = delete;

  void open(VkDevice device, VkQueue queue);
  /// Frees what open() made; the device must be idle.
  void close();

  /// Hands `commands` to the queue, after waiting until at most one earlier submission is unfinished, and
  /// returns their number. `what` is named in errors, also in one that shows only when they are waited for.
  /// Drivers may compile what is `run_first` here, in threads of their own.
  std::uint64_t submit(std::span<const VkCommandBuffer> commands, const std::string& what,
                       bool run_first = false);
  /// Returns when submission `number` and all before it are done, their writes visible to the host as far as
  /// they end with host_read_barrier(); 0 is done always. Throws when the device was lost.
  void wait(std::uint64_t number);
  /// The same for destructors: of a lost device nothing is in use any more.
  void settle(std::uint64_t number) noexcept;
  /// For the end of the process, when other threads may be anywhere: whether everything was done within
  /// `running`, not counting the time until what may be compiled was done, at most `compiling`.
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
