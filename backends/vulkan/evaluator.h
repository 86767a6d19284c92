// VulkanDevice: the Evaluator that compiles graphs to Vulkan kernels.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backends/vulkan/buffer.h"
#include "backends/vulkan/context.h"
#include "backends/vulkan/emit.h"
#include "backends/vulkan/trace.h"
#include "backends/vulkan/tuner.h"
#include "backends/vulkan/working_memory.h"
#include "graph/run/evaluator.h"

namespace hekla::vulkan {

struct DeviceOptions {
  bool fuse = true;                                         // HEKLA_FUSE=0 switches it off too
  std::optional<std::int64_t> enough_product_outputs = {};  // see LoopLimits
  std::optional<std::int64_t> most_bytes = {};  // see FuseOptions; default: what a kernel can bind
  std::optional<bool> texel_reads = {};         // default: what suits the device
  std::optional<bool> octet_stores = {};        // default: what suits the device
  std::optional<MatmulFamily> matmul = {};      // of products that no matrix unit takes
  std::optional<MatmulTiles> tiles = {};        // of all products of their family
  /// Whether matrix units multiply f16 and bf16 where there are some; default: HEKLA_MATRIX_UNITS, or else on
  /// hardware.
  std::optional<bool> matrix_units = {};
  std::optional<std::uint32_t> reduce_lanes = {};
  std::optional<std::uint32_t> most_buffers = {};  // bound to one shader; no more than the device's
  /// Whether small kernels share a dispatch; default: what suits the device, unless HEKLA_PERSISTENT=0.
  std::optional<bool> persistent = {};
  std::optional<std::uint32_t> patience = {};  // see Target
  /// There: after how many steps of a plan, as the shader of several kernels is long to compile.
  std::int64_t persistent_after = 200;
  std::optional<TuneOptions> tune = {};  // default: what HEKLA_TUNE says
  std::shared_ptr<Trace> trace = {};     // default: the one of HEKLA_TRACE
  VkDeviceSize most_memory = 0;          // that may be taken from the driver; 0: what it gives
};

class VulkanDevice : public Evaluator {
 public:
  VulkanDevice(std::shared_ptr<Context> context, const DeviceOptions& options = {});
  VulkanDevice(const VulkanDevice&) = delete;
  VulkanDevice& operator=(const VulkanDevice&) = delete;
  ~VulkanDevice() override;

  std::string name() const override { return context_->name; }
  std::shared_ptr<Storage> upload(const HostArray& elements, DType dtype, const std::string& label) override;
  HostArray download(const Storage& storage, DType dtype, std::int64_t count) override;
  std::shared_ptr<Executable> prepare(const Graph& graph) override;

  const std::shared_ptr<Context>& context() const { return context_; }
  PoolCounters memory() const { return pool_->counters(); }
  const Target& target() const { return target_; }
  Tuner* tuner() const { return tuner_.get(); }

 private:
  std::shared_ptr<Context> context_;
  std::shared_ptr<BufferPool> pool_;
  std::shared_ptr<WorkingMemory> working_memory_;
  PlanOptions plan_options_;
  Target target_;
  std::int64_t persistent_after_;
  std::unique_ptr<Tuner> tuner_;  // or null
  std::shared_ptr<Trace> trace_;
};

/// How kernels for the device of `context` should look.
Target choose_target(const Context& context, const DeviceOptions& options);

}  // namespace hekla::vulkan
