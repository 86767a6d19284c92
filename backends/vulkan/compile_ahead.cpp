// See compile_ahead.h.
#include "backends/vulkan/compile_ahead.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

#include "backends/vulkan/commands.h"
#include "backends/vulkan/parallel.h"
#include "graph/run/runtime_lock.h"

namespace hekla::vulkan {

// Pipelines in a submission of their own, with what it uses.
struct CompileAhead::Batch {
  explicit Batch(std::shared_ptr<Context> owner) : context(std::move(owner)), bindings(context) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() {
    if (context->abandoned) return;
    context->submissions.settle(submission);
    vkDestroyCommandPool(context->device, pool, nullptr);
  }

  std::shared_ptr<Context> context;
  Bindings bindings;
  std::vector<std::shared_ptr<Pipeline>> pipelines;
  std::vector<std::shared_ptr<Buffer>> buffers;
  VkCommandPool pool = VK_NULL_HANDLE;
  std::uint64_t submission = 0;
};

// One device.
struct CompileAhead::Worker {
  explicit Worker(std::shared_ptr<Context> opened)
      : context(std::move(opened)), pool(BufferPool::make(context)) {}

  bool is_idle() {
    std::erase_if(batches,
                  [&](const auto& batch) { return context->submissions.has_finished(batch->submission); });
    return batches.empty();
  }

  void compile(std::span<const PipelineToCompile> pipelines);

  std::shared_ptr<Context> context;
  std::shared_ptr<BufferPool> pool;
  std::vector<std::unique_ptr<Batch>> batches;
};

void CompileAhead::Worker::compile(std::span<const PipelineToCompile> pipelines) {
  if (pipelines.empty()) return;
  auto batch = std::make_unique<Batch>(context);
  const VkCommandPoolCreateInfo pool_info{.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                          .queueFamilyIndex = context->queue_family};
  check(vkCreateCommandPool(context->device, &pool_info, nullptr, &batch->pool), "vkCreateCommandPool",
        "compile ahead");
  const VkCommandBufferAllocateInfo info{.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                         .commandPool = batch->pool,
                                         .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                         .commandBufferCount = 1};
  VkCommandBuffer commands = VK_NULL_HANDLE;
  check(vkAllocateCommandBuffers(context->device, &info, &commands), "vkAllocateCommandBuffers",
        "compile ahead");
  const VkCommandBufferBeginInfo begin{.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
  check(vkBeginCommandBuffer(commands, &begin), "vkBeginCommandBuffer", "compile ahead");

  // Nothing is read or written, so all bindings share a buffer of each kind of size.
  constexpr VkDeviceSize power_of_two = 256, other = 768;
  batch->buffers = {pool->acquire(power_of_two, "compile ahead"), pool->acquire(other, "compile ahead")};

  batch->pipelines.resize(pipelines.size());
  parallel_for(pipelines.size(), [&](std::size_t i) {
    const PipelineToCompile& each = pipelines[i];
    std::vector<BindingKind> kinds;
    for (const auto& binding : each.bindings) kinds.push_back(binding.kind);
    batch->pipelines[i] = make_pipeline(context, each.spirv, kinds, each.label, each.push_constant_bytes);
  });
  stop_if_process_ends();
  for (std::size_t i = 0; i < pipelines.size(); ++i) {
    const PipelineToCompile& each = pipelines[i];
    const Pipeline& pipeline = *batch->pipelines[i];
    std::vector<BufferRange> ranges;
    for (const auto& [kind, format, of_power_of_two] : each.bindings)
      ranges.push_back({batch->buffers[of_power_of_two ? 0 : 1].get(), 0, power_of_two, format});
    const VkDescriptorSet set = batch->bindings.add(pipeline, ranges);
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.handle);
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.layout, 0, 1, &set, 0,
                            nullptr);
    if (each.push_constant_bytes > 0) {
      const std::vector<std::byte> zeros(each.push_constant_bytes);
      vkCmdPushConstants(commands, pipeline.layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, each.push_constant_bytes,
                         zeros.data());
    }
    // For the validation layer, to which these are dispatches that read and write the same buffers.
    compute_barrier(commands);
    vkCmdDispatch(commands, 0, 1, 1);
  }
  check(vkEndCommandBuffer(commands), "vkEndCommandBuffer", "compile ahead");
  batch->submission = context->submissions.submit(std::span(&commands, 1), "compile ahead", true);
  for (const std::shared_ptr<Buffer>& buffer : batch->buffers) buffer->used_by(batch->submission);
  batches.push_back(std::move(batch));
}

CompileAhead::CompileAhead(std::shared_ptr<Context> context, std::uint32_t devices)
    : context_(std::move(context)), devices_(devices) {}

CompileAhead::~CompileAhead() = default;

void CompileAhead::open() {
  while (workers_.size() < devices_) workers_.push_back(std::make_unique<Worker>(open_another(*context_)));
}

std::vector<std::shared_ptr<Context>> CompileAhead::contexts() const {
  std::vector<std::shared_ptr<Context>> all;
  for (const auto& worker : workers_) all.push_back(worker->context);
  return all;
}

void CompileAhead::start(std::vector<PipelineToCompile> pipelines) {
  open();
  const double all = std::accumulate(pipelines.begin(), pipelines.end(), 0.0,
                                     [](double sum, const auto& each) { return sum + each.work; });
  const double share = all / static_cast<double>(workers_.size() + 1);
  double before = 0;
  std::size_t first = 0;
  for (std::size_t w = 0; w <= workers_.size(); ++w) {
    std::size_t end = first;
    for (; end < pipelines.size() && (w == workers_.size() || before < static_cast<double>(w + 1) * share);
         ++end)
      before += pipelines[end].work;
    // A device that is busy with earlier pipelines would have its caller wait.
    if (w > 0 && workers_[w - 1]->is_idle())
      workers_[w - 1]->compile(std::span(pipelines).subspan(first, end - first));
    first = end;
  }
}

void CompileAhead::enqueue(std::vector<PipelineToCompile> pipelines) {
  open();
  waiting_.insert(waiting_.end(), std::make_move_iterator(pipelines.begin()),
                  std::make_move_iterator(pipelines.end()));
}

bool CompileAhead::advance() {
  bool all_idle = true;
  for (const auto& worker : workers_) {
    if (!worker->is_idle()) {
      all_idle = false;
      continue;
    }
    if (waiting_.empty()) continue;
    worker->compile(std::span(&waiting_.front(), 1));
    waiting_.pop_front();
    all_idle = false;
  }
  return all_idle;
}

}  // namespace hekla::vulkan
