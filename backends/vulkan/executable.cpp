// VulkanExecutable: runs compiled plans. The pool returns the same buffers as long as a loop repeats the same
// requests, so that its recordings are reused. A run returns before its last submissions have finished:
// reading a value waits for them, and later submissions run after them.
#include "backends/vulkan/executable.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "backends/vulkan/persistent.h"
#include "graph/debug.h"
#include "graph/run/runtime_lock.h"

namespace hekla::vulkan {

namespace {

constexpr std::size_t most_recordings = 4;
// Limits the duration of a submission, well below the timeout of a desktop's GPU watchdog.
constexpr double submission_seconds = 0.1;
constexpr int most_steps_per_submission = 1024;
// Fewer are compiled sooner than other devices are opened.
constexpr std::size_t enough_pipelines = 4;

// The pipelines of a plan that the driver has not compiled yet, in the order of their dispatches. Forgets their SPIR-V.
std::vector<PipelineToCompile> take_new_pipelines(CompiledPlan& compiled, const SlotBuffers& buffers) {
  std::vector<PipelineToCompile> pipelines;
  std::size_t first = 0;  // kernel of the plan
  for (std::size_t k = 0; k < compiled.kernels.size(); first += compiled.kernels[k].kernels, ++k) {
    const auto spirv = compiled.new_spirv.find(k);
    if (spirv == compiled.new_spirv.end()) continue;
    const EmittedKernel& kernel = compiled.kernels[k];
    PipelineToCompile pipeline{.label = kernel.label,
                               .spirv = std::move(spirv->second),
                               .bindings = {},
                               .push_constant_bytes = compiled.pipelines[k]->push_constant_bytes,
                               .work = 0};
    for (const EmittedBinding& binding : kernel.bindings) {
      if (binding.slot == progress_slot) {
        pipeline.bindings.push_back({binding.kind, binding.format, false});
        continue;
      }
      const Buffer& buffer = *range_of(binding, compiled.plan, buffers).buffer;
      pipeline.bindings.push_back({binding.kind, binding.format, std::has_single_bit(buffer.capacity)});
    }
    for (std::size_t i = first; i < first + kernel.kernels; ++i) {
      constexpr double of_product = 4;  // measured on llvmpipe, against other kernels
      pipeline.work += std::holds_alternative<MatmulKernel>(compiled.plan.kernels[i].form) ? of_product : 1;
    }
    pipelines.push_back(std::move(pipeline));
  }
  compiled.new_spirv.clear();
  return pipelines;
}

}  // namespace

VulkanExecutable::VulkanExecutable(std::shared_ptr<BufferPool> pool, std::shared_ptr<WorkingMemory> memory,
                                   CompiledPlan compiled, std::size_t pipeline_bytes,
                                   std::shared_ptr<Trace> trace, std::shared_ptr<CompileAhead> compile_ahead)
    : context_(pool->shared_context()),
      pool_(std::move(pool)),
      memory_(std::move(memory)),
      compiled_(std::move(compiled)),
      pipeline_bytes_(pipeline_bytes),
      compile_ahead_(std::move(compile_ahead)) {
  // An arena of empty slots is allocated too, because a binding cannot be null.
  const bool uses_arena = std::any_of(compiled_.plan.slots.begin(), compiled_.plan.slots.end(),
                                      [](const Slot& slot) { return slot.place == Slot::Place::arena; });
  if (uses_arena) {
    arena_bytes_ = static_cast<VkDeviceSize>(std::max<std::int64_t>(compiled_.plan.arena_bytes, 4));
    arena();  // so that out of memory is reported here
  }
  hold_progress();
  if (debug_level() < 2 && !trace) return;
  times_ = KernelTimes::make(context_, compiled_.name, timed_kernels(compiled_.plan), std::move(trace),
                             debug_level() >= 2);
}

std::size_t VulkanExecutable::host_bytes() const {
  constexpr std::size_t of_slot = 500;
  std::set<const Pipeline*> pipelines;
  std::size_t sum = compiled_.plan.slots.size() * of_slot;
  for (std::size_t k = 0; k < compiled_.kernels.size(); ++k) {
    sum += compiled_.kernels[k].glsl.size();
    pipelines.insert(compiled_.pipelines[k].get());
  }
  return sum + pipelines.size() * pipeline_bytes_;
}

// Has other devices compile what the first run needs, while this device begins with it.
void VulkanExecutable::compile_ahead(const SlotBuffers& buffers) {
  if (!compile_ahead_) return;
  std::vector<PipelineToCompile> pipelines = take_new_pipelines(compiled_, buffers);
  try {
    compile_ahead_->advance();
    if (pipelines.size() >= enough_pipelines) compile_ahead_->start(std::move(pipelines));
  } catch (const Error&) {
    compile_ahead_ = nullptr;  // no memory, for example: this device compiles all by itself
  }
}

// Compiles the plan anew: on other devices where that is possible, while the kernels at hand go on.
void VulkanExecutable::improve(const SlotBuffers& buffers) {
  Improvement& later = *improvement_;
  const bool begins = !later.improved;
  if (begins) {
    later.improved = compiled_;
    later.improve(*later.improved);
  }
  try {
    if (compile_ahead_ && begins) compile_ahead_->enqueue(take_new_pipelines(*later.improved, buffers));
    if (compile_ahead_ && !compile_ahead_->advance()) return;
  } catch (const Error&) {
    compile_ahead_ = nullptr;
  }
  // Destroying the recordings waits for their submissions, which still use the old pipelines.
  recorded_.clear();
  compiled_ = std::move(*later.improved);
  improvement_.reset();
  hold_progress();
}

// The device's arena, grown to the size this plan needs. Recordings over an earlier arena are invalid and
// dropped.
std::shared_ptr<Buffer> VulkanExecutable::arena() {
  if (arena_bytes_ == 0) return nullptr;
  std::shared_ptr<Buffer> arena = memory_->of_size(arena_bytes_);
  if (std::exchange(arena_id_, arena->id) != arena->id) recorded_.clear();
  return arena;
}

// Allocates the progress counters of the dispatches of several kernels.
void VulkanExecutable::hold_progress() {
  const auto several = std::count_if(compiled_.kernels.begin(), compiled_.kernels.end(),
                                     [](const EmittedKernel& kernel) { return kernel.kernels > 1; });
  if (several > 0) {
    const std::vector<std::byte> zeros(static_cast<std::size_t>(several) * progress_bytes);
    progress_ = pool_->acquire(zeros.size(), "progress of a plan");
    upload(*progress_, zeros);
  }
}

void VulkanExecutable::improve_later(double times, Clock::time_point start,
                                     std::function<void(CompiledPlan&)> improve) {
  improvement_ = {.times = times, .start = start, .improve = std::move(improve)};
}

bool VulkanExecutable::is_worth_improving() {
  if (!improvement_ || improvement_->first_run == 0) return false;
  Improvement& later = *improvement_;
  if (!later.first_run_ended && context_->submissions.has_finished(later.first_run))
    later.first_run_ended = Clock::now();
  return later.first_run_ended &&
         Clock::now() - *later.first_run_ended > later.times * (*later.first_run_ended - later.start);
}

Recording& VulkanExecutable::recording_over(const SlotBuffers& buffers) {
  std::vector<std::uint64_t> ids;
  for (const Buffer* buffer : buffers) ids.push_back(buffer->id);
  const auto found = std::find_if(recorded_.begin(), recorded_.end(),
                                  [&](const Recorded& r) { return r.buffer_ids == ids; });
  if (found != recorded_.end()) {
    recorded_.splice(recorded_.begin(), recorded_, found);
  } else {
    if (recorded_.size() == most_recordings) recorded_.pop_back();
    recorded_.push_front({std::move(ids), std::make_unique<Recording>(context_, compiled_, buffers,
                                                                      progress_.get(), times_.get())});
  }
  return *recorded_.front().recording;
}

std::vector<std::shared_ptr<Storage>> VulkanExecutable::run(std::span<const std::shared_ptr<Storage>> leaves,
                                                            int steps) {
  context_->check_usable();
  const Plan& plan = compiled_.plan;
  std::vector<std::shared_ptr<Storage>> outputs;
  SlotBuffers buffers(plan.slots.size());
  for (const int slot : plan.output_slots) {
    const Slot& memory = plan.slots[static_cast<std::size_t>(slot)];
    const std::shared_ptr<Buffer> buffer =
        pool_->acquire(static_cast<VkDeviceSize>(std::max<std::int64_t>(memory.bytes(), 4)),
                       memory.label.empty() ? "an output" : memory.label);
    buffers[static_cast<std::size_t>(slot)] = buffer.get();
    outputs.push_back(std::make_shared<VulkanStorage>(buffer));
  }
  const std::shared_ptr<Buffer> working = arena();
  for (std::size_t slot = 0; slot < plan.slots.size(); ++slot) {
    const Slot& memory = plan.slots[slot];
    if (memory.place == Slot::Place::arena) buffers[slot] = working.get();
    if (memory.place != Slot::Place::leaf) continue;
    buffers[slot] = &static_cast<VulkanStorage&>(*leaves[static_cast<std::size_t>(memory.number)]).buffer();
  }
  if (compiled_.kernels.empty()) return outputs;

  compile_ahead(buffers);
  if (is_worth_improving()) improve(buffers);
  submit(recording_over(buffers), buffers, steps);
  return outputs;
}

void VulkanExecutable::submit(Recording& recording, const SlotBuffers& buffers, int steps) {
  struct Submitted {
    std::uint64_t number = 0;
    int steps = 0;
    std::optional<Clock::time_point> start = {};  // unknown for the first: the device may be busy
  } previous;
  for (int done = 0; done < steps;) {
    stop_if_process_ends();
    Submitted current{.steps = std::min(steps - done, steps_per_submission_)};
    current.number = recording.submit(current.steps);
    if (improvement_ && improvement_->first_run == 0) improvement_->first_run = current.number;
    for (Buffer* buffer : buffers) buffer->used_by(current.number);
    done += current.steps;
    if (previous.number != 0) {
      context_->submissions.wait(previous.number);
      current.start = Clock::now();
      if (previous.start) {
        adapt(previous.steps, std::chrono::duration<double>(*current.start - *previous.start).count());
      }
    }
    previous = current;
  }
}

void VulkanExecutable::adapt(int steps, double seconds) {
  if (seconds < submission_seconds / 2 && steps == steps_per_submission_) {
    steps_per_submission_ = std::min(steps_per_submission_ * 2, most_steps_per_submission);
  } else if (seconds > submission_seconds) {
    steps_per_submission_ = std::min(steps_per_submission_, std::max(steps / 2, 1));
  }
}

}  // namespace hekla::vulkan
