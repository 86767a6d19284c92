// Submissions and their fences. A fence is signalled when its submission and all earlier ones of the queue
// are finished, so one fence per unfinished submission suffices.
#include "backends/vulkan/submissions.h"

#include <thread>

#include "backends/vulkan/result.h"
#include "graph/error.h"

namespace hekla::vulkan {

void Submissions::open(VkDevice device, VkQueue queue) {
  device_ = device;
  queue_ = queue;
  const VkFenceCreateInfo info{.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
  for (Unfinished& one : unfinished_) {
    check(vkCreateFence(device_, &info, nullptr, &one.fence), "vkCreateFence", "submissions");
  }
}

void Submissions::close() {
  for (Unfinished& one : unfinished_) {
    if (device_ != VK_NULL_HANDLE) vkDestroyFence(device_, one.fence, nullptr);
    one.fence = VK_NULL_HANDLE;
  }
}

std::uint64_t Submissions::submit(std::span<const VkCommandBuffer> commands, const std::string& what,
                                  bool run_first) {
  std::lock_guard lock(mutex_);
  const std::uint64_t number = last_ + 1;
  if (number > most_unfinished) wait_locked(number - most_unfinished);
  Unfinished& one = unfinished_[number % most_unfinished];
  check(vkResetFences(device_, 1, &one.fence), "vkResetFences", what);
  const VkSubmitInfo info{.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                          .commandBufferCount = static_cast<std::uint32_t>(commands.size()),
                          .pCommandBuffers = commands.data()};
  check(vkQueueSubmit(queue_, 1, &info, one.fence), "vkQueueSubmit", what);
  one.what = what;
  last_ = number;
  if (run_first) last_run_first_ = number;
  return number;
}

void Submissions::wait(std::uint64_t number) {
  std::lock_guard lock(mutex_);
  wait_locked(number);
}

bool Submissions::has_finished(std::uint64_t number) {
  std::lock_guard lock(mutex_);
  if (number > done_ && vkGetFenceStatus(device_, unfinished_[number % most_unfinished].fence) == VK_SUCCESS)
    done_ = number;
  return number <= done_;
}

void Submissions::settle(std::uint64_t number) noexcept {
  try {
    wait(number);
  } catch (const Error&) {
    // The error is dropped here: callers that read a result get it from wait().
  }
}

bool Submissions::settled_within(std::chrono::nanoseconds compiling,
                                 std::chrono::nanoseconds running) noexcept {
  const auto end = std::chrono::steady_clock::now() + compiling;
  std::unique_lock lock(mutex_, std::defer_lock);
  while (!lock.try_lock()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const auto done_within = [&](std::uint64_t number, std::chrono::nanoseconds time) {
    if (number <= done_) return true;
    const VkFence fence = unfinished_[number % most_unfinished].fence;
    // A lost device counts as finished, because it executes nothing more.
    return vkWaitForFences(device_, 1, &fence, VK_TRUE, static_cast<std::uint64_t>(time.count())) !=
           VK_TIMEOUT;
  };
  return done_within(last_run_first_, compiling) && done_within(last_, running);
}

void Submissions::wait_locked(std::uint64_t number) {
  if (number <= done_) return;
  const Unfinished& one = unfinished_[number % most_unfinished];
  check(vkWaitForFences(device_, 1, &one.fence, VK_TRUE, UINT64_MAX), "vkWaitForFences", one.what);
  done_ = number;
}

}  // namespace hekla::vulkan
