// VulkanExecutable: a compiled plan, and recordings of it over the memory of recent runs.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/vulkan/buffer.h"
#include "backends/vulkan/compile_ahead.h"
#include "backends/vulkan/recording.h"
#include "backends/vulkan/working_memory.h"
#include "graph/run/evaluator.h"
#include "graph/run/takes_memory.h"

namespace hekla::vulkan {

class VulkanStorage : public Storage {
 public:
  explicit VulkanStorage(std::shared_ptr<Buffer> buffer) : buffer_(std::move(buffer)) {}
  Buffer& buffer() const { return *buffer_; }

 private:
  std::shared_ptr<Buffer> buffer_;
};

class VulkanExecutable : public Executable, public TakesMemory {
 public:
  using Clock = std::chrono::steady_clock;

  VulkanExecutable(std::shared_ptr<BufferPool> pool, std::shared_ptr<WorkingMemory> memory,
                   CompiledPlan compiled, std::size_t pipeline_bytes, std::shared_ptr<Trace> trace,
                   std::shared_ptr<CompileAhead> compile_ahead = nullptr);

  std::vector<std::shared_ptr<Storage>> run(std::span<const std::shared_ptr<Storage>> leaves,
                                            int steps) override;
  /// Has `improve` run once the plan has been in use for `times` as long as it took from `start` to the end of its
  /// first run: it replaces the kernels and pipelines by ones that take longer to compile and run faster.
  void improve_later(double times, Clock::time_point start, std::function<void(CompiledPlan&)> improve);
  std::vector<NumberArray> number_leaves(std::span<const double> values) const override {
    return elements_of(compiled_.plan.number_leaves, compiled_.plan.numbers, values);
  }
  std::string describe() const override { return to_string(compiled_.plan); }
  std::size_t host_bytes() const override;

 private:
  std::shared_ptr<Buffer> arena();
  void hold_progress();
  bool is_worth_improving();
  void compile_ahead(const SlotBuffers& buffers);
  void improve(const SlotBuffers& buffers);
  Recording& recording_over(const SlotBuffers& buffers);
  void submit(Recording& recording, const SlotBuffers& buffers, int steps);
  /// Adapts the number of steps per submission from one submission that took `seconds`.
  void adapt(int steps, double seconds);

  struct Recorded {
    std::vector<std::uint64_t> buffer_ids;
    std::unique_ptr<Recording> recording;
  };

  std::shared_ptr<Context> context_;
  std::shared_ptr<BufferPool> pool_;
  std::shared_ptr<WorkingMemory> memory_;
  CompiledPlan compiled_;
  std::size_t pipeline_bytes_;        // see Profile
  VkDeviceSize arena_bytes_ = 0;      // 0: no arena
  std::uint64_t arena_id_ = 0;        // buffer id of the arena that the recordings use
  std::shared_ptr<Buffer> progress_;  // progress counters of dispatches of several kernels, or null
  std::shared_ptr<CompileAhead> compile_ahead_;  // or null
  std::unique_ptr<KernelTimes> times_;           // with HEKLA_DEBUG=2 or HEKLA_TRACE
  std::list<Recorded> recorded_;                 // LRU order: most recently used first
  int steps_per_submission_ = 1;
  struct Improvement {
    double times;
    Clock::time_point start;
    std::function<void(CompiledPlan&)> improve;
    std::uint64_t first_run = 0;                       // a submission
    std::optional<Clock::time_point> first_run_ended;  // when it was noticed
    std::optional<CompiledPlan> improved;              // whose pipelines are being compiled ahead
  };
  std::optional<Improvement> improvement_;
};

}  // namespace hekla::vulkan
