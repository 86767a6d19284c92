// Time per kernel.
#include "backends/vulkan/kernel_times.h"

#include <fmt/format.h>

#include <cstdio>
#include <numeric>

namespace hekla::vulkan {

std::unique_ptr<KernelTimes> KernelTimes::make(std::shared_ptr<Context> context,
                                               const std::vector<EmittedKernel>& kernels) {
  if (context->timestamp_bits == 0) return nullptr;
  return std::unique_ptr<KernelTimes>(new KernelTimes(std::move(context), kernels));
}

KernelTimes::KernelTimes(std::shared_ptr<Context> context, const std::vector<EmittedKernel>& kernels)
    : context_(std::move(context)), nanoseconds_(kernels.size(), 0) {
  for (const EmittedKernel& kernel : kernels) labels_.push_back(kernel.label);
  const VkQueryPoolCreateInfo info{.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
                                   .queryType = VK_QUERY_TYPE_TIMESTAMP,
                                   .queryCount = static_cast<std::uint32_t>(kernels.size()) + 1};
  check(vkCreateQueryPool(context_->device, &info, nullptr, &pool_), "vkCreateQueryPool", "kernel times");
}

KernelTimes::~KernelTimes() {
  vkDestroyQueryPool(context_->device, pool_, nullptr);
  if (samples_ == 0) return;
  const double total = std::accumulate(nanoseconds_.begin(), nanoseconds_.end(), 0.0);
  fmt::print(stderr, "hekla: kernel times on {}, mean of {} steps\n", context_->name, samples_);
  for (std::size_t k = 0; k < labels_.size(); ++k) {
    fmt::print(stderr, "{:>4} {:>10.1f} us {:>5.1f} %  {}\n", k, nanoseconds_[k] / samples_ / 1e3,
               100 * nanoseconds_[k] / total, labels_[k]);
  }
  fmt::print(stderr, "     {:>10.1f} us in all\n", total / samples_ / 1e3);
}

void KernelTimes::start(VkCommandBuffer commands) {
  vkCmdResetQueryPool(commands, pool_, 0, static_cast<std::uint32_t>(labels_.size()) + 1);
  vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, pool_, 0);
}

void KernelTimes::finish(VkCommandBuffer commands, std::size_t k) {
  vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, pool_,
                      static_cast<std::uint32_t>(k) + 1);
}

void KernelTimes::collect() {
  std::vector<std::uint64_t> ticks(labels_.size() + 1);
  check(vkGetQueryPoolResults(context_->device, pool_, 0, static_cast<std::uint32_t>(ticks.size()),
                              ticks.size() * sizeof(std::uint64_t), ticks.data(), sizeof(std::uint64_t),
                              VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT),
        "vkGetQueryPoolResults", "kernel times");
  for (std::size_t k = 0; k < labels_.size(); ++k) {
    nanoseconds_[k] += static_cast<double>(ticks[k + 1] - ticks[k]) * context_->limits.timestampPeriod;
  }
  ++samples_;
}

}  // namespace hekla::vulkan
