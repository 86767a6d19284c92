// Pipelines, their layouts and descriptor sets.
#include "backends/vulkan/pipeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/error.h"

namespace hekla::vulkan {
namespace {

constexpr uint32_t sets_per_pool = 64;
constexpr uint32_t descriptors_per_pool = 512;

VkDescriptorType descriptor_type(BindingKind kind) {
  return kind == BindingKind::storage_buffer ? VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
                                             : VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER;
}

uint32_t count_of(std::span<const BindingKind> kinds, BindingKind kind) {
  return static_cast<uint32_t>(std::ranges::count(kinds, kind));
}

VkDeviceSize texel_bytes(VkFormat format) {
  switch (format) {
    case VK_FORMAT_R32G32B32A32_SFLOAT:
    case VK_FORMAT_R32G32B32A32_SINT:
    case VK_FORMAT_R32G32B32A32_UINT:
      return 16;
    case VK_FORMAT_R32_SFLOAT:
    case VK_FORMAT_R32_SINT:
    case VK_FORMAT_R32_UINT:
      return 4;
    default:
      break;
  }
  throw Error(
      fmt::format("[bind] texel format {} is not one that kernels read; use one or four 32-bit components.",
                  static_cast<int>(format)));
}

void check_counts(const Context& context, std::span<const BindingKind> kinds, const std::string& label) {
  auto check_one = [&](const char* what, uint32_t wanted, uint32_t allowed) {
    if (wanted > allowed)
      throw Error(
          fmt::format("[pipeline] '{}' binds {} {} and {} allows {}; split the expression by computing a "
                      "part of it first.",
                      label, wanted, what, context.name, allowed));
  };
  const VkPhysicalDeviceLimits& limits = context.limits;
  check_one("storage buffers", count_of(kinds, BindingKind::storage_buffer),
            std::min(limits.maxPerStageDescriptorStorageBuffers, limits.maxDescriptorSetStorageBuffers));
  check_one("texel buffers", count_of(kinds, BindingKind::texel_buffer),
            std::min(limits.maxPerStageDescriptorStorageImages, limits.maxDescriptorSetStorageImages));
  check_one("buffers", static_cast<uint32_t>(kinds.size()), limits.maxPerStageResources);
}

[[noreturn]] void bad_range(const Pipeline& pipeline, const BufferRange& range, const std::string& rule) {
  throw Error(fmt::format("[bind] '{}' binds bytes {} to {} of '{}' of {}; {}.", pipeline.label, range.offset,
                          range.offset + range.bytes, range.buffer->label, range.buffer->capacity, rule));
}

void check_range(const Context& context, const Pipeline& pipeline, const BufferRange& range) {
  if (range.bytes == 0 || range.offset > range.buffer->capacity ||
      range.bytes > range.buffer->capacity - range.offset)
    bad_range(pipeline, range, "the range must lie inside and not be empty");
  if (range.offset % context.offset_alignment != 0)
    bad_range(pipeline, range, fmt::format("it must start at a multiple of {}", context.offset_alignment));
}

struct ShaderModule {
  VkDevice device;
  VkShaderModule handle = VK_NULL_HANDLE;
  explicit ShaderModule(VkDevice owner) : device(owner) {}
  ShaderModule(const ShaderModule&) = delete;
  ShaderModule& operator=(const ShaderModule&) = delete;
  ~ShaderModule() { vkDestroyShaderModule(device, handle, nullptr); }
};

void make_layouts(Pipeline& pipeline) {
  VkDevice device = pipeline.context->device;
  std::vector<VkDescriptorSetLayoutBinding> bindings(pipeline.kinds.size());
  for (uint32_t i = 0; i < bindings.size(); ++i) {
    bindings[i].binding = i;
    bindings[i].descriptorType = descriptor_type(pipeline.kinds[i]);
    bindings[i].descriptorCount = 1;
    bindings[i].stageFlags = VK_SHADER_STAGE_COMPUTE_BIT;
  }
  VkDescriptorSetLayoutCreateInfo set{};
  set.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
  set.bindingCount = static_cast<uint32_t>(bindings.size());
  set.pBindings = bindings.data();
  check(vkCreateDescriptorSetLayout(device, &set, nullptr, &pipeline.set_layout),
        "vkCreateDescriptorSetLayout", pipeline.label);
  VkPushConstantRange push{VK_SHADER_STAGE_COMPUTE_BIT, 0, pipeline.push_constant_bytes};
  VkPipelineLayoutCreateInfo layout{};
  layout.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
  layout.setLayoutCount = 1;
  layout.pSetLayouts = &pipeline.set_layout;
  layout.pushConstantRangeCount = push.size == 0 ? 0 : 1;
  layout.pPushConstantRanges = &push;
  check(vkCreatePipelineLayout(device, &layout, nullptr, &pipeline.layout), "vkCreatePipelineLayout",
        pipeline.label);
}

}  // namespace

Pipeline::~Pipeline() {
  if (!context || context->abandoned) return;
  vkDestroyPipeline(context->device, handle, nullptr);
  vkDestroyPipelineLayout(context->device, layout, nullptr);
  vkDestroyDescriptorSetLayout(context->device, set_layout, nullptr);
}

std::shared_ptr<Pipeline> make_pipeline(std::shared_ptr<Context> context, std::span<const uint32_t> spirv,
                                        std::span<const BindingKind> kinds, const std::string& label,
                                        uint32_t push_constant_bytes) {
  check_counts(*context, kinds, label);
  auto pipeline = std::make_shared<Pipeline>();
  pipeline->context = context;
  pipeline->label = label;
  pipeline->kinds.assign(kinds.begin(), kinds.end());
  pipeline->push_constant_bytes = push_constant_bytes;
  make_layouts(*pipeline);

  ShaderModule module(context->device);
  VkShaderModuleCreateInfo code{};
  code.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
  code.codeSize = spirv.size_bytes();
  code.pCode = spirv.data();
  check(vkCreateShaderModule(context->device, &code, nullptr, &module.handle), "vkCreateShaderModule", label);
  VkComputePipelineCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
  info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = module.handle;
  info.stage.pName = "main";
  info.layout = pipeline->layout;
  check(vkCreateComputePipelines(context->device, context->pipeline_cache, 1, &info, nullptr,
                                 &pipeline->handle),
        "vkCreateComputePipelines", label);
  name_object(*context, VK_OBJECT_TYPE_PIPELINE, handle_bits(pipeline->handle), label);
  return pipeline;
}

Bindings::~Bindings() {
  if (!context_ || context_->abandoned) return;
  for (VkDescriptorPool pool : pools_) vkDestroyDescriptorPool(context_->device, pool, nullptr);
  for (VkBufferView view : views_) vkDestroyBufferView(context_->device, view, nullptr);
}

VkDescriptorSet Bindings::allocate(const Pipeline& pipeline) {
  VkDescriptorSetAllocateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO;
  info.descriptorSetCount = 1;
  info.pSetLayouts = &pipeline.set_layout;
  VkDescriptorSet set = VK_NULL_HANDLE;
  if (!pools_.empty()) {
    info.descriptorPool = pools_.back();
    VkResult result = vkAllocateDescriptorSets(context_->device, &info, &set);
    if (result == VK_SUCCESS) return set;
    if (result != VK_ERROR_OUT_OF_POOL_MEMORY && result != VK_ERROR_FRAGMENTED_POOL)
      check(result, "vkAllocateDescriptorSets", pipeline.label);
  }
  // A descriptor pool too small for this one set would stay half empty, and another would be created.
  uint32_t each = std::max(descriptors_per_pool, static_cast<uint32_t>(pipeline.kinds.size()));
  VkDescriptorPoolSize sizes[] = {{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, each},
                                  {VK_DESCRIPTOR_TYPE_STORAGE_TEXEL_BUFFER, each}};
  VkDescriptorPoolCreateInfo pool{};
  pool.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
  pool.maxSets = sets_per_pool;
  pool.poolSizeCount = 2;
  pool.pPoolSizes = sizes;
  pools_.reserve(pools_.size() + 1);
  VkDescriptorPool handle = VK_NULL_HANDLE;
  check(vkCreateDescriptorPool(context_->device, &pool, nullptr, &handle), "vkCreateDescriptorPool",
        pipeline.label);
  pools_.push_back(handle);
  info.descriptorPool = handle;
  check(vkAllocateDescriptorSets(context_->device, &info, &set), "vkAllocateDescriptorSets", pipeline.label);
  return set;
}

VkBufferView Bindings::make_view(const Pipeline& pipeline, const BufferRange& range) {
  VkDeviceSize texel = texel_bytes(range.format);
  VkDeviceSize texels = (range.bytes + texel - 1) / texel;
  if (texels > context_->limits.maxTexelBufferElements)
    bad_range(pipeline, range,
              fmt::format("{} reads at most {} texels at once, and these are {}", context_->name,
                          context_->limits.maxTexelBufferElements, texels));
  if (texels * texel > range.buffer->capacity - range.offset)
    bad_range(pipeline, range, fmt::format("rounded up to texels of {} bytes it must lie inside", texel));
  VkBufferViewCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO;
  info.buffer = range.buffer->handle;
  info.format = range.format;
  info.offset = range.offset;
  info.range = texels * texel;
  views_.reserve(views_.size() + 1);
  VkBufferView view = VK_NULL_HANDLE;
  check(vkCreateBufferView(context_->device, &info, nullptr, &view), "vkCreateBufferView", pipeline.label);
  views_.push_back(view);
  return view;
}

VkDescriptorSet Bindings::add(const Pipeline& pipeline, std::span<const BufferRange> ranges) {
  if (ranges.size() != pipeline.kinds.size())
    throw Error(fmt::format("[bind] '{}' has {} bindings and {} buffers were given; give one for each.",
                            pipeline.label, pipeline.kinds.size(), ranges.size()));
  std::vector<VkDescriptorBufferInfo> buffers(ranges.size());
  std::vector<VkBufferView> views(ranges.size());
  std::vector<VkWriteDescriptorSet> writes(ranges.size());
  VkDescriptorSet set = allocate(pipeline);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const BufferRange& range = ranges[i];
    check_range(*context_, pipeline, range);
    VkWriteDescriptorSet& write = writes[i];
    write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
    write.dstSet = set;
    write.dstBinding = static_cast<uint32_t>(i);
    write.descriptorCount = 1;
    write.descriptorType = descriptor_type(pipeline.kinds[i]);
    if (pipeline.kinds[i] == BindingKind::texel_buffer) {
      views[i] = make_view(pipeline, range);
      write.pTexelBufferView = &views[i];
      continue;
    }
    if (range.bytes > context_->limits.maxStorageBufferRange)
      bad_range(
          pipeline, range,
          fmt::format("{} binds at most {} bytes at once: split the tensor, or make the batch or the model "
                      "smaller",
                      context_->name, context_->limits.maxStorageBufferRange));
    buffers[i] = {range.buffer->handle, range.offset, range.bytes};
    write.pBufferInfo = &buffers[i];
  }
  vkUpdateDescriptorSets(context_->device, static_cast<uint32_t>(writes.size()), writes.data(), 0, nullptr);
  return set;
}

void dispatch(VkCommandBuffer commands, const Pipeline& pipeline, VkDescriptorSet set, uint64_t groups) {
  const VkPhysicalDeviceLimits& limits = pipeline.context->limits;
  // The specification's minimum for the x limit, not the device's, so that a grid is the same on every
  // device.
  constexpr uint64_t along_x = 65535;
  uint64_t y = (groups + along_x - 1) / along_x;
  if (y > limits.maxComputeWorkGroupCount[1])
    throw Error(fmt::format("[dispatch] '{}' wants {} workgroups and {} allows {}; make the tensors smaller.",
                            pipeline.label, groups, pipeline.context->name,
                            along_x * limits.maxComputeWorkGroupCount[1]));
  if (groups == 0) return;
  vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.handle);
  vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.layout, 0, 1, &set, 0, nullptr);
  vkCmdDispatch(commands, static_cast<uint32_t>(y == 1 ? groups : along_x), static_cast<uint32_t>(y), 1);
}

}  // namespace hekla::vulkan
