// Submissions. A fence is signalled when its submission and all earlier ones of the queue are done, so that
// one per unfinished submission answers every question.
#include "backends/vulkan/submissions.h"

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

std::uint64_t Submissions::submit(std::span<const VkCommandBuffer> commands, const std::string& what) {
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
  return number;
}

void Submissions::wait(std::uint64_t number) {
  std::lock_guard lock(mutex_);
  wait_locked(number);
}

void Submissions::settle(std::uint64_t number) noexcept {
  try {
    wait(number);
  } catch (const Error&) {
    // Whoever wants a result is told.
  }
}

void Submissions::wait_locked(std::uint64_t number) {
  if (number <= done_) return;
  const Unfinished& one = unfinished_[number % most_unfinished];
  check(vkWaitForFences(device_, 1, &one.fence, VK_TRUE, UINT64_MAX), "vkWaitForFences", one.what);
  done_ = number;
}

}  // namespace hekla::vulkan
