// Time per kernel, as HEKLA_DEBUG=2 prints it and HEKLA_TRACE writes it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backends/vulkan/context.h"
#include "backends/vulkan/trace.h"

namespace hekla::vulkan {

/// Timestamps around the kernels of one plan. Of every submission the last step is measured.
class KernelTimes {
 public:
  /// Null where the device has no timestamps. `trace`, if given, receives each measured step; with `print`
  /// the table goes to stderr when the plan is given up.
  static std::unique_ptr<KernelTimes> make(std::shared_ptr<Context> context, std::string plan,
                                           std::vector<TimedKernel> kernels, std::shared_ptr<Trace> trace,
                                           bool print);
  KernelTimes(const KernelTimes&) = delete;
  KernelTimes& operator=(const KernelTimes&) = delete;
  ~KernelTimes();

  /// Records that the commands start, and that kernel `k` is done.
  void start(VkCommandBuffer commands);
  void finish(VkCommandBuffer commands, std::size_t k);
  /// Takes in the times of a submission of `steps` steps that is done.
  void collect(int steps);
  /// For each kernel the mean time, what that makes of its work (see graph/compiler/work.h) and its share of
  /// the step.
  std::string table() const;

 private:
  KernelTimes(std::shared_ptr<Context> context, std::string plan, std::vector<TimedKernel> kernels,
              std::shared_ptr<Trace> trace, bool print);

  std::shared_ptr<Context> context_;
  std::string plan_;
  std::vector<TimedKernel> kernels_;
  std::vector<double> nanoseconds_;  // in total
  int samples_ = 0;
  std::uint64_t steps_ = 0;
  VkQueryPool pool_ = VK_NULL_HANDLE;
  std::shared_ptr<Trace> trace_;
  std::size_t traced_plan_ = 0;
  bool print_;
};

}  // namespace hekla::vulkan
