// VulkanDevice: the Evaluator that compiles graphs to Vulkan kernels.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/common/trace.h"
#include "backends/vulkan/buffer.h"
#include "backends/vulkan/compile_ahead.h"
#include "backends/vulkan/context.h"
#include "backends/vulkan/profile.h"
#include "backends/vulkan/tuner.h"
#include "backends/vulkan/working_memory.h"
#include "graph/run/evaluator.h"

namespace hekla::vulkan {

struct DeviceOptions {
  bool fuse = true;                           // HEKLA_FUSE=0 disables it too
  std::function<void(Profile&)> adjust = {};  // changes the profile, within the device's limits
  std::optional<TuneOptions> tune = {};       // default: from HEKLA_TUNE
  std::shared_ptr<Trace> trace = {};          // default: from HEKLA_TRACE
  VkDeviceSize max_memory = 0;                // limit of memory from the driver; 0: none
};

class VulkanDevice : public Evaluator {
 public:
  VulkanDevice(std::shared_ptr<Context> context, const DeviceOptions& options = {});
  VulkanDevice(const VulkanDevice&) = delete;
  VulkanDevice& operator=(const VulkanDevice&) = delete;
  ~VulkanDevice() override;

  std::string name() const override { return context_->name; }
  bool is_software_driver() const override { return context_->is_software; }
  std::shared_ptr<Storage> upload(const HostArray& elements, DType dtype, const std::string& label) override;
  HostArray download(const Storage& storage, DType dtype, std::int64_t count) override;
  std::shared_ptr<Executable> prepare(const Graph& graph) override;

  PlanOptions planning() const { return {.fuse = fuse_, .device = profile_.compiler}; }
  /// The tiles that the tuner chose for the matrix products of a plan.
  std::vector<std::optional<MatmulTiles>> tiles_for(const Plan& plan);

  const std::shared_ptr<Context>& context() const { return context_; }
  PoolCounters memory() const { return pool_->counters(); }
  const Profile& profile() const { return profile_; }
  Tuner* tuner() const { return tuner_.get(); }
  CompileAhead* compile_ahead() const { return compile_ahead_.get(); }

 private:
  std::shared_ptr<Context> context_;
  std::shared_ptr<BufferPool> pool_;
  std::shared_ptr<WorkingMemory> working_memory_;
  bool fuse_;
  Profile profile_;
  std::unique_ptr<Tuner> tuner_;  // null: no tuning
  std::shared_ptr<Trace> trace_;
  std::shared_ptr<CompileAhead> compile_ahead_;  // or null
};

}  // namespace hekla::vulkan
