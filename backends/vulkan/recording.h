// Recording: a command buffer of one plan over fixed buffers, recorded once and submitted any number of
// times.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/vulkan/emit.h"
#include "backends/vulkan/kernel_times.h"
#include "backends/vulkan/pipeline.h"
#include "graph/compiler/plan.h"

namespace hekla::vulkan {

/// A plan compiled for a device, independent of the memory it works on.
struct CompiledPlan {
  std::string name;  // what errors, tables and traces call it
  Plan plan;
  std::vector<EmittedKernel> kernels;                // each computes one or several kernels of the plan
  std::vector<std::shared_ptr<Pipeline>> pipelines;  // one for each of `kernels`; equal ones share
  /// SPIR-V that was in no cache, by the number of the first of `kernels` that it computes: the driver has to compile it.
  std::map<std::size_t, std::vector<std::uint32_t>> new_spirv = {};
};

/// The buffers of a run, by slot number of the plan; all slots of the arena share one buffer.
using SlotBuffers = std::vector<Buffer*>;

/// How much of its memory a kernel binds: whole texels.
VkDeviceSize bytes_of_range(const EmittedBinding& binding, const compiler::Slot& memory);

/// The memory that a kernel of `plan` binds, other than progress counters.
BufferRange range_of(const EmittedBinding& binding, const Plan& plan, const SlotBuffers& buffers);

class Recording {
 public:
  /// `progress` holds the progress counters of the dispatches of several kernels, at consecutive multiples of
  /// progress_bytes; null when there are none. `times`, if given, measures the kernels and must outlive the
  /// recording.
  Recording(std::shared_ptr<Context> context, const CompiledPlan& compiled, const SlotBuffers& buffers,
            const Buffer* progress, KernelTimes* times);
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  ~Recording();

  /// Submits the commands `times` times in a row and returns the submission number. Waits only to measure
  /// kernels.
  std::uint64_t submit(int times);

 private:
  // Creates nothing yet: after it the destructor cleans up a partial construction when a later step throws.
  Recording(std::shared_ptr<Context> context, std::string name, KernelTimes* times)
      : context_(std::move(context)), bindings_(context_), name_(std::move(name)), times_(times) {}
  struct Dispatch {
    std::shared_ptr<Pipeline> pipeline;
    VkDescriptorSet set;
    std::uint64_t groups;
    std::string label;
    bool barrier_before;
    int loops;
  };
  void bind(const CompiledPlan& compiled, const SlotBuffers& buffers, const Buffer* progress);
  VkCommandBuffer record(int steps) const;
  // The dispatches that a step records, those of loops in each iteration.
  double dispatches_of_step() const;
  void record_step(VkCommandBuffer commands) const;
  void record_dispatches(VkCommandBuffer commands, std::size_t first, std::size_t end, int depth,
                         Iterations& iterations, bool is_last) const;
  void record_dispatch(VkCommandBuffer commands, const Dispatch& one, const Iterations& iterations) const;

  std::shared_ptr<Context> context_;
  Bindings bindings_;
  std::string name_;
  KernelTimes* times_;
  std::vector<Dispatch> dispatches_;
  std::vector<Repeated> loops_;  // of dispatches
  VkCommandPool pool_ = VK_NULL_HANDLE;
  // The command buffer of many steps is recorded on first use. It amortises the gap between command buffers,
  // which is some microseconds on GPUs.
  VkCommandBuffer one_step_ = VK_NULL_HANDLE, many_steps_ = VK_NULL_HANDLE;
  std::uint64_t last_submission_ = 0;
};

}  // namespace hekla::vulkan
