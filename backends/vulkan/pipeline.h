// Compute pipelines and descriptor sets. make_pipeline turns SPIR-V into a pipeline; Bindings creates and
// owns the descriptor sets of one plan.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/vulkan/buffer.h"
#include "backends/vulkan/context.h"

namespace hekla::vulkan {

/// The binding kind in a shader: a `buffer` block, or `readonly imageBuffer` and its integer variants.
enum class BindingKind { storage_buffer, texel_buffer };

/// A compute pipeline whose binding i (set 0) has kind kinds[i].
struct Pipeline {
  std::shared_ptr<Context> context;
  std::string label;
  std::vector<BindingKind> kinds;
  uint32_t push_constant_bytes = 0;
  VkDescriptorSetLayout set_layout = VK_NULL_HANDLE;
  VkPipelineLayout layout = VK_NULL_HANDLE;
  VkPipeline handle = VK_NULL_HANDLE;

  Pipeline() = default;
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  ~Pipeline();
};

/// Creates a pipeline for the entry point "main"; throws, naming `label`, when the device cannot create it.
std::shared_ptr<Pipeline> make_pipeline(std::shared_ptr<Context> context, std::span<const uint32_t> spirv,
                                        std::span<const BindingKind> kinds, const std::string& label,
                                        uint32_t push_constant_bytes = 0);

/// The byte range of a buffer in one binding. `offset` is a multiple of Context::offset_alignment. `format`
/// matters for texel buffers, whose range is rounded up to whole texels.
struct BufferRange {
  const Buffer* buffer = nullptr;
  VkDeviceSize offset = 0;
  VkDeviceSize bytes = 0;
  VkFormat format = VK_FORMAT_R32G32B32A32_SFLOAT;
};

/// Descriptor sets and their buffer views, freed together. Does not keep the buffers alive.
class Bindings {
 public:
  explicit Bindings(std::shared_ptr<Context> context) : context_(std::move(context)) {}
  Bindings(const Bindings&) = delete;
  Bindings& operator=(const Bindings&) = delete;
  ~Bindings();

  /// A set for `pipeline` with ranges[i] at binding i; throws when a range breaks a rule of the device.
  VkDescriptorSet add(const Pipeline& pipeline, std::span<const BufferRange> ranges);

 private:
  VkDescriptorSet allocate(const Pipeline& pipeline);
  VkBufferView make_view(const Pipeline& pipeline, const BufferRange& range);

  std::shared_ptr<Context> context_;
  std::vector<VkDescriptorPool> pools_;
  std::vector<VkBufferView> views_;
};

/// Records a dispatch of `groups` workgroups of `pipeline` with descriptor set `set`. Counts above the
/// device's limit for x are spread over y. A kernel therefore uses gl_WorkGroupID.x + gl_WorkGroupID.y *
/// gl_NumWorkGroups.x as its workgroup number and skips numbers past its end.
void dispatch(VkCommandBuffer commands, const Pipeline& pipeline, VkDescriptorSet set, uint64_t groups);

/// The numbers of the present iterations of the loops around a kernel, the outermost first: its push constants.
using Iterations = std::array<int32_t, 4>;

}  // namespace hekla::vulkan
