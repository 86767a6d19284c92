// Recording: the commands of one plan over particular memory, recorded once and submitted as often as wanted.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/vulkan/emit.h"
#include "backends/vulkan/kernel_times.h"
#include "backends/vulkan/pipeline.h"
#include "graph/compiler/plan.h"

namespace hekla::vulkan {

/// A plan made ready for a device, apart from the memory it works on.
struct CompiledPlan {
  std::string name;  // what errors, tables and traces call it
  Plan plan;
  std::vector<EmittedKernel> kernels;                // each computes one or several of the plan's
  std::vector<std::shared_ptr<Pipeline>> pipelines;  // one for each of `kernels`; equal ones share
};

/// The buffers of a run, by slot number of the plan; slots of the arena all lie in one.
using SlotBuffers = std::vector<Buffer*>;

class Recording {
 public:
  /// `progress` is what the dispatches of several kernels count in, one after another at multiples of
  /// progress_bytes, or null where there are none. `times`, if given, measures the kernels and outlives the
  /// recording.
  Recording(std::shared_ptr<Context> context, const CompiledPlan& compiled, const SlotBuffers& buffers,
            const Buffer* progress, KernelTimes* times);
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  ~Recording();

  /// Hands the commands over `times` times in a row and returns the submission's number; waits for it only to
  /// measure the kernels.
  std::uint64_t submit(int times);

 private:
  // Makes nothing yet: from here on the destructor undoes what the rest of the construction made.
  Recording(std::shared_ptr<Context> context, std::string name, KernelTimes* times)
      : context_(std::move(context)), bindings_(context_), name_(std::move(name)), times_(times) {}
  struct Dispatch {
    std::shared_ptr<Pipeline> pipeline;
    VkDescriptorSet set;
    std::uint64_t groups;
    std::string label;
    bool barrier_before;
  };
  void bind(const CompiledPlan& compiled, const SlotBuffers& buffers, const Buffer* progress);
  VkCommandBuffer record(int steps) const;
  void record_step(VkCommandBuffer commands) const;

  std::shared_ptr<Context> context_;
  Bindings bindings_;
  std::string name_;
  KernelTimes* times_;
  std::vector<Dispatch> dispatches_;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  // Many steps are recorded when they are first wanted: GPUs take some microseconds from one command buffer
  // to the next.
  VkCommandBuffer one_step_ = VK_NULL_HANDLE, many_steps_ = VK_NULL_HANDLE;
  std::uint64_t last_submission_ = 0;
};

}  // namespace hekla::vulkan
