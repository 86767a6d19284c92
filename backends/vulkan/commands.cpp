#include "backends/vulkan/commands.h"

namespace hekla::vulkan {
namespace {

// The objects of one blocking submission.
struct OneShot {
  explicit OneShot(VkDevice owner) : device(owner) {}
  OneShot(const OneShot&) = delete;
  OneShot& operator=(const OneShot&) = delete;
  ~OneShot() { vkDestroyCommandPool(device, pool, nullptr); }
  VkDevice device;
  VkCommandPool pool = VK_NULL_HANDLE;
  VkCommandBuffer commands = VK_NULL_HANDLE;
};

}  // namespace

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

  VkCommandBufferBeginInfo begin{};
  begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
  begin.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
  check(vkBeginCommandBuffer(shot.commands, &begin), "vkBeginCommandBuffer", what);
  begin_label(context, shot.commands, what);
  record(shot.commands);
  end_label(context, shot.commands);
  check(vkEndCommandBuffer(shot.commands), "vkEndCommandBuffer", what);
  context.submissions.wait(context.submissions.submit({&shot.commands, 1}, what));
}

void compute_barrier(VkCommandBuffer commands) {
  VkMemoryBarrier barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER};
  barrier.srcAccessMask =
      VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT | VK_ACCESS_SHADER_READ_BIT;
  barrier.dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT;
  vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
                       VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, 0, 1, &barrier, 0, nullptr, 0, nullptr);
}

}  // namespace hekla::vulkan
