// Recording.
#include "backends/vulkan/recording.h"

#include <algorithm>
#include <vector>

#include "backends/vulkan/commands.h"
#include "backends/vulkan/emit_plan.h"
#include "backends/vulkan/persistent.h"

namespace hekla::vulkan {

namespace {

// The maximum number of dispatches in the command buffer of many steps.
constexpr double most_dispatches = 128;

}  // namespace

VkDeviceSize bytes_of_range(const EmittedBinding& binding, const Slot& memory) {
  return static_cast<VkDeviceSize>((std::max(memory.bytes(), binding.bytes) + 15) / 16 * 16);
}

BufferRange range_of(const EmittedBinding& binding, const Plan& plan, const SlotBuffers& buffers) {
  const auto slot = static_cast<std::size_t>(binding.slot);
  const Slot& memory = plan.slots[slot];
  return {buffers[slot], static_cast<VkDeviceSize>(memory.offset), bytes_of_range(binding, memory),
          binding.format};
}

Recording::Recording(std::shared_ptr<Context> context, const CompiledPlan& compiled,
                     const SlotBuffers& buffers, const Buffer* progress, KernelTimes* times)
    : Recording(std::move(context), compiled.name, times) {
  const VkCommandPoolCreateInfo pool_info{.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                          .queueFamilyIndex = context_->queue_family};
  check(vkCreateCommandPool(context_->device, &pool_info, nullptr, &pool_), "vkCreateCommandPool", name_);
  bind(compiled, buffers, progress);
  one_step_ = record(1);
}

Recording::~Recording() {
  if (context_->abandoned) return;
  context_->submissions.settle(last_submission_);
  vkDestroyCommandPool(context_->device, pool_, nullptr);
}

void Recording::bind(const CompiledPlan& compiled, const SlotBuffers& buffers, const Buffer* progress) {
  const std::vector<bool> barrier_before = place_barriers(compiled.plan, compiled.kernels);
  VkDeviceSize progress_offset = 0;
  std::vector<std::size_t> dispatch_of;  // each kernel of the plan
  for (std::size_t k = 0; k < compiled.kernels.size(); ++k) {
    const EmittedKernel& kernel = compiled.kernels[k];
    std::vector<BufferRange> ranges;
    for (const EmittedBinding& binding : kernel.bindings) {
      if (binding.slot == progress_slot) {
        ranges.push_back({progress, progress_offset, progress_bytes, binding.format});
        continue;
      }
      ranges.push_back(range_of(binding, compiled.plan, buffers));
    }
    if (kernel.kernels > 1) progress_offset += progress_bytes;
    dispatches_.push_back({compiled.pipelines[k], bindings_.add(*compiled.pipelines[k], ranges),
                           kernel.workgroups, kernel.label, barrier_before[k], kernel.loops});
    dispatch_of.insert(dispatch_of.end(), kernel.kernels, k);
  }
  for (const Repeated& loop : compiled.plan.loops)
    loops_.push_back({dispatch_of[loop.first], dispatch_of[loop.end - 1] + 1, loop.count, loop.depth});
}

VkCommandBuffer Recording::record(int steps) const {
  const VkCommandBufferAllocateInfo info{.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                         .commandPool = pool_,
                                         .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                         .commandBufferCount = 1};
  VkCommandBuffer buffer = VK_NULL_HANDLE;
  check(vkAllocateCommandBuffers(context_->device, &info, &buffer), "vkAllocateCommandBuffers", name_);
  // Simultaneous use, because the same command buffer is pending several times at once.
  const VkCommandBufferBeginInfo begin{.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                       .flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT};
  check(vkBeginCommandBuffer(buffer, &begin), "vkBeginCommandBuffer", name_);
  for (int step = 0; step < steps; ++step) record_step(buffer);
  host_read_barrier(buffer);
  check(vkEndCommandBuffer(buffer), "vkEndCommandBuffer", name_);
  return buffer;
}

double Recording::dispatches_of_step() const {
  double sum = 0;
  for (std::size_t k = 0; k < dispatches_.size(); ++k) {
    double times = 1;
    for (const Repeated& loop : loops_) {
      if (loop.first <= k && k < loop.end) times *= static_cast<double>(loop.count);
    }
    sum += times;
  }
  return sum;
}

void Recording::record_step(VkCommandBuffer commands) const {
  compute_barrier(commands);
  if (times_) times_->start(commands);
  Iterations iterations{};
  record_dispatches(commands, 0, dispatches_.size(), 0, iterations, true);
}

// Records dispatches at a nesting depth; `is_last`: in the last iteration of all loops around them.
void Recording::record_dispatches(VkCommandBuffer commands, std::size_t first, std::size_t end, int depth,
                                  Iterations& iterations, bool is_last) const {
  for (std::size_t k = first; k < end;) {
    const auto loop = std::ranges::find_if(
        loops_, [&](const Repeated& each) { return each.first == k && each.depth == depth; });
    if (loop == loops_.end()) {
      record_dispatch(commands, dispatches_[k], iterations);
      // A kernel is measured by its last iteration, which counts those before for the first kernel of a loop.
      if (times_ && is_last) times_->finish(commands, k);
      ++k;
      continue;
    }
    for (std::int64_t t = 0; t < loop->count; ++t) {
      iterations[static_cast<std::size_t>(depth)] = static_cast<std::int32_t>(t);
      record_dispatches(commands, loop->first, loop->end, depth + 1, iterations,
                        is_last && t + 1 == loop->count);
    }
    k = loop->end;
  }
}

void Recording::record_dispatch(VkCommandBuffer commands, const Dispatch& one,
                                const Iterations& iterations) const {
  if (one.barrier_before) compute_barrier(commands);
  if (one.loops > 0) {
    vkCmdPushConstants(commands, one.pipeline->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof iterations,
                       iterations.data());
  }
  begin_label(*context_, commands, one.label);
  dispatch(commands, *one.pipeline, one.set, one.groups);
  end_label(*context_, commands);
}

std::uint64_t Recording::submit(int times) {
  const int at_once = times_ ? 1 : static_cast<int>(most_dispatches / dispatches_of_step());
  std::vector<VkCommandBuffer> commands;
  if (at_once > 1 && times >= at_once) {
    if (many_steps_ == VK_NULL_HANDLE) many_steps_ = record(at_once);
    commands.assign(static_cast<std::size_t>(times / at_once), many_steps_);
    times %= at_once;
  }
  commands.insert(commands.end(), static_cast<std::size_t>(times), one_step_);
  last_submission_ = context_->submissions.submit(commands, name_, last_submission_ == 0);
  if (times_) {
    // Waits, because the next submission would overwrite the timestamps.
    context_->submissions.wait(last_submission_);
    times_->collect(times);
  }
  return last_submission_;
}

}  // namespace hekla::vulkan
