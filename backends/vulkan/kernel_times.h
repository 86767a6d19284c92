// Time per kernel, as HEKLA_DEBUG=2 prints it.
#pragma once

#include <memory>
#include <vector>

#include "backends/vulkan/context.h"
#include "backends/vulkan/emit.h"

namespace hekla::vulkan {

/// Timestamps around the kernels of one plan. Of every submission the last step is measured; the means are
/// printed when the plan is given up.
class KernelTimes {
 public:
  /// Null where the device has no timestamps.
  static std::unique_ptr<KernelTimes> make(std::shared_ptr<Context> context,
                                           const std::vector<EmittedKernel>& kernels);
  KernelTimes(const KernelTimes&) = delete;
  KernelTimes& operator=(const KernelTimes&) = delete;
  ~KernelTimes();

  /// Records that the commands start, and that kernel `k` is done.
  void start(VkCommandBuffer commands);
  void finish(VkCommandBuffer commands, std::size_t k);
  /// Takes in the times of a submission that is done.
  void collect();

 private:
  KernelTimes(std::shared_ptr<Context> context, const std::vector<EmittedKernel>& kernels);

  std::shared_ptr<Context> context_;
  std::vector<std::string> labels_;
  std::vector<double> nanoseconds_;  // in total
  int samples_ = 0;
  VkQueryPool pool_ = VK_NULL_HANDLE;
};

}  // namespace hekla::vulkan
