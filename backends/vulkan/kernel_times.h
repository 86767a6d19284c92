// Kernel profiling: time per kernel, printed by HEKLA_DEBUG=2 and written by HEKLA_TRACE.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backends/common/trace.h"
#include "backends/vulkan/context.h"

namespace hekla::vulkan {

using namespace backend;

/// Timestamp queries around the kernels of one plan. The last step of every submission is measured.
class KernelTimes {
 public:
  /// Null where the device has no timestamps. `trace`, if given, receives each measured step. With `print`
  /// the table is written to stderr when the plan is destroyed.
  static std::unique_ptr<KernelTimes> make(std::shared_ptr<Context> context, std::string plan,
                                           std::vector<TimedKernel> kernels, std::shared_ptr<Trace> trace,
                                           bool print);
  KernelTimes(const KernelTimes&) = delete;
  KernelTimes& operator=(const KernelTimes&) = delete;
  ~KernelTimes();

  /// Records a timestamp: at the start of the commands, and after kernel `k`.
  void start(VkCommandBuffer commands);
  void finish(VkCommandBuffer commands, std::size_t k);
  /// Reads the timestamps of a finished submission of `steps` steps.
  void collect(int steps);
  /// The table: mean time per kernel, its throughput (see graph/compiler/work.h) and its share of the step.
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
