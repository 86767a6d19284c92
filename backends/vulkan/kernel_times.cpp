// Time per kernel.
#include "backends/vulkan/kernel_times.h"

#include <fmt/format.h>

#include <cstdio>

namespace hekla::vulkan {

std::unique_ptr<KernelTimes> KernelTimes::make(std::shared_ptr<Context> context, std::string plan,
                                               std::vector<TimedKernel> kernels, std::shared_ptr<Trace> trace,
                                               bool print) {
  if (context->timestamp_bits == 0) return nullptr;
  return std::unique_ptr<KernelTimes>(
      new KernelTimes(std::move(context), std::move(plan), std::move(kernels), std::move(trace), print));
}

KernelTimes::KernelTimes(std::shared_ptr<Context> context, std::string plan, std::vector<TimedKernel> kernels,
                         std::shared_ptr<Trace> trace, bool print)
    : context_(std::move(context)),
      plan_(std::move(plan)),
      kernels_(std::move(kernels)),
      nanoseconds_(kernels_.size(), 0),
      trace_(std::move(trace)),
      print_(print) {
  if (trace_) traced_plan_ = trace_->add_plan(context_->name, plan_, kernels_);
  const VkQueryPoolCreateInfo info{.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
                                   .queryType = VK_QUERY_TYPE_TIMESTAMP,
                                   .queryCount = static_cast<std::uint32_t>(kernels_.size()) + 1};
  check(vkCreateQueryPool(context_->device, &info, nullptr, &pool_), "vkCreateQueryPool", "kernel times");
}

KernelTimes::~KernelTimes() {
  if (!context_->abandoned) vkDestroyQueryPool(context_->device, pool_, nullptr);
  if (print_ && samples_ > 0) fmt::print(stderr, "{}", table());
}

std::string KernelTimes::table() const {
  return table_of_times(plan_, context_->name, kernels_, nanoseconds_, samples_);
}

void KernelTimes::start(VkCommandBuffer commands) {
  vkCmdResetQueryPool(commands, pool_, 0, static_cast<std::uint32_t>(kernels_.size()) + 1);
  vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, pool_, 0);
}

void KernelTimes::finish(VkCommandBuffer commands, std::size_t k) {
  vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, pool_,
                      static_cast<std::uint32_t>(k) + 1);
}

void KernelTimes::collect(int steps) {
  std::vector<std::uint64_t> ticks(kernels_.size() + 1);
  check(vkGetQueryPoolResults(context_->device, pool_, 0, static_cast<std::uint32_t>(ticks.size()),
                              ticks.size() * sizeof(std::uint64_t), ticks.data(), sizeof(std::uint64_t),
                              VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT),
        "vkGetQueryPoolResults", "kernel times");
  steps_ += static_cast<std::uint64_t>(steps);
  const double period = context_->limits.timestampPeriod;
  const double start = static_cast<double>(ticks[0]) * period;
  std::vector<double> ends;
  for (std::size_t k = 0; k < kernels_.size(); ++k) {
    nanoseconds_[k] += static_cast<double>(ticks[k + 1] - ticks[k]) * period;
    ends.push_back(start + static_cast<double>(ticks[k + 1] - ticks[0]) * period);
  }
  ++samples_;
  if (trace_) trace_->add_step(traced_plan_, steps_, start, std::move(ends));
}

}  // namespace hekla::vulkan
