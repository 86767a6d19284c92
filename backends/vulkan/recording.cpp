// Recording.
#include "backends/vulkan/recording.h"

#include <vector>

#include "backends/vulkan/persistent.h"

namespace hekla::vulkan {

namespace {

// Makes all writes of shaders and copies so far visible to what follows, and lets nothing that follows
// overtake.
void compute_barrier(VkCommandBuffer commands) {
  VkMemoryBarrier barrier{VK_STRUCTURE_TYPE_MEMORY_BARRIER};
  barrier.srcAccessMask =
      VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT | VK_ACCESS_SHADER_READ_BIT;
  barrier.dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT;
  vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
                       VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, 0, 1, &barrier, 0, nullptr, 0, nullptr);
}

}  // namespace

Recording::Recording(std::shared_ptr<Context> context, const CompiledPlan& compiled,
                     const SlotBuffers& buffers, const Buffer* progress, KernelTimes* times)
    : Recording(std::move(context), compiled.name, times) {
  const VkCommandPoolCreateInfo pool_info{.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                          .queueFamilyIndex = context_->queue_family};
  check(vkCreateCommandPool(context_->device, &pool_info, nullptr, &pool_), "vkCreateCommandPool", name_);
  const VkCommandBufferAllocateInfo buffer_info{.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                                .commandPool = pool_,
                                                .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                                .commandBufferCount = 1};
  check(vkAllocateCommandBuffers(context_->device, &buffer_info, &commands_), "vkAllocateCommandBuffers",
        name_);
  record(compiled, buffers, progress);
}

Recording::~Recording() {
  context_->submissions.settle(last_submission_);
  vkDestroyCommandPool(context_->device, pool_, nullptr);
}

void Recording::record(const CompiledPlan& compiled, const SlotBuffers& buffers, const Buffer* progress) {
  // One step is submitted many times at once.
  const VkCommandBufferBeginInfo begin{.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                       .flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT};
  check(vkBeginCommandBuffer(commands_, &begin), "vkBeginCommandBuffer", name_);
  compute_barrier(commands_);
  if (times_) times_->start(commands_);
  const std::vector<bool> barrier_before = place_barriers(compiled.plan, compiled.kernels);
  VkDeviceSize progress_offset = 0;
  for (std::size_t k = 0; k < compiled.kernels.size(); ++k) {
    const EmittedKernel& kernel = compiled.kernels[k];
    if (barrier_before[k]) compute_barrier(commands_);
    std::vector<BufferRange> ranges;
    for (const EmittedBinding& binding : kernel.bindings) {
      if (binding.slot == progress_slot) {
        ranges.push_back({progress, progress_offset, progress_bytes, binding.format});
        continue;
      }
      const auto slot = static_cast<std::size_t>(binding.slot);
      const Slot& memory = compiled.plan.slots[slot];
      ranges.push_back({buffers[slot], static_cast<VkDeviceSize>(memory.offset),
                        static_cast<VkDeviceSize>((memory.bytes() + 15) / 16 * 16), binding.format});
    }
    begin_label(*context_, commands_, kernel.label);
    dispatch(commands_, *compiled.pipelines[k], bindings_.add(*compiled.pipelines[k], ranges),
             kernel.workgroups);
    end_label(*context_, commands_);
    if (kernel.kernels > 1) progress_offset += progress_bytes;
    if (times_) times_->finish(commands_, k);
  }
  host_read_barrier(commands_);
  check(vkEndCommandBuffer(commands_), "vkEndCommandBuffer", name_);
}

std::uint64_t Recording::submit(int times) {
  const std::vector<VkCommandBuffer> repeated(static_cast<std::size_t>(times), commands_);
  last_submission_ = context_->submissions.submit(repeated, name_);
  if (times_) {
    // The next submission would write over the timestamps.
    context_->submissions.wait(last_submission_);
    times_->collect(times);
  }
  return last_submission_;
}

}  // namespace hekla::vulkan
