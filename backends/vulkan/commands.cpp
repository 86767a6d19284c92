// Handing commands to a context's queue.
#include "backends/vulkan/context.h"

namespace hekla::vulkan {
namespace {

// The objects of one blocking submission.
struct OneShot {
  explicit OneShot(VkDevice owner) : device(owner) {}
  OneShot(const OneShot&) = delete;
  OneShot& operator=(const OneShot&) = delete;
  ~OneShot() {
    vkDestroyFence(device, fence, nullptr);
    vkDestroyCommandPool(device, pool, nullptr);
  }
  VkDevice device;
  VkCommandPool pool = VK_NULL_HANDLE;
  VkFence fence = VK_NULL_HANDLE;
  VkCommandBuffer commands = VK_NULL_HANDLE;
};

}  // namespace

void submit(Context& context, std::span<const VkCommandBuffer> commands, VkFence fence,
            const std::string& what) {
  VkSubmitInfo info{};
  info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
  info.commandBufferCount = static_cast<uint32_t>(commands.size());
  info.pCommandBuffers = commands.data();
  std::lock_guard lock(context.queue_mutex);
  check(vkQueueSubmit(context.queue, 1, &info, fence), "vkQueueSubmit", what);
}

void run_commands(Context& context, const std::string& what,
                  const std::function<void(VkCommandBuffer)>& record) {
  OneShot shot(context.device);
  VkCommandPoolCreateInfo pool{};
  pool.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
  pool.flags = VK_COMMAND_POOL_CREATE_TRANSIENT_BIT;
  pool.queueFamilyIndex = context.queue_family;
  check(vkCreateCommandPool(context.device, &pool, nullptr, &shot.pool), "vkCreateCommandPool", what);
  VkCommandBufferAllocateInfo allocate{};
  allocate.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
  allocate.commandPool = shot.pool;
  allocate.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  allocate.commandBufferCount = 1;
  check(vkAllocateCommandBuffers(context.device, &allocate, &shot.commands), "vkAllocateCommandBuffers",
        what);
  VkFenceCreateInfo fence{};
  fence.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO;
  check(vkCreateFence(context.device, &fence, nullptr, &shot.fence), "vkCreateFence", what);

  VkCommandBufferBeginInfo begin{};
  begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
  begin.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
  check(vkBeginCommandBuffer(shot.commands, &begin), "vkBeginCommandBuffer", what);
  begin_label(context, shot.commands, what);
  record(shot.commands);
  end_label(context, shot.commands);
  check(vkEndCommandBuffer(shot.commands), "vkEndCommandBuffer", what);
  submit(context, {&shot.commands, 1}, shot.fence, what);
  check(vkWaitForFences(context.device, 1, &shot.fence, VK_TRUE, UINT64_MAX), "vkWaitForFences", what);
}

}  // namespace hekla::vulkan
