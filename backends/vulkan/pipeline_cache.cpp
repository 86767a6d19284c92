// The pipeline cache file. Its name contains the device and driver identity that the specification ties a
// cache to, so that caches of several devices and driver versions coexist. A driver validates the content
// again itself.
#include "backends/vulkan/pipeline_cache.h"

#include <fmt/format.h>

#include <exception>

#include "backends/common/cache_file.h"
#include "backends/vulkan/context.h"

namespace hekla::vulkan {

using namespace backend;
namespace {

std::string file_name(const Context& context) {
  VkPhysicalDeviceProperties properties{};
  vkGetPhysicalDeviceProperties(context.physical, &properties);
  std::string uuid;
  for (uint8_t byte : properties.pipelineCacheUUID) uuid += fmt::format("{:02x}", byte);
  return fmt::format("pipelines-{:08x}-{:08x}-{:08x}-{}", context.vendor_id, context.device_id,
                     context.driver_version, uuid);
}

}  // namespace

void open_pipeline_cache(Context& context) {
  if (auto content = read_cache_file(context.cache_folder, file_name(context)))
    context.loaded_pipeline_cache = std::move(*content);
  VkPipelineCacheCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO;
  info.initialDataSize = context.loaded_pipeline_cache.size();
  info.pInitialData = context.loaded_pipeline_cache.data();
  VkResult result = vkCreatePipelineCache(context.device, &info, nullptr, &context.pipeline_cache);
  if (result != VK_SUCCESS && info.initialDataSize != 0) {
    context.loaded_pipeline_cache.clear();
    info.initialDataSize = 0;
    info.pInitialData = nullptr;
    result = vkCreatePipelineCache(context.device, &info, nullptr, &context.pipeline_cache);
  }
  check(result, "vkCreatePipelineCache", context.name);
}

void save_pipeline_cache(Context& context) noexcept {
  if (context.pipeline_cache == VK_NULL_HANDLE || context.cache_folder.empty()) return;
  try {
    std::size_t size = 0;
    if (vkGetPipelineCacheData(context.device, context.pipeline_cache, &size, nullptr) != VK_SUCCESS) return;
    std::vector<std::byte> content(size);
    if (vkGetPipelineCacheData(context.device, context.pipeline_cache, &size, content.data()) != VK_SUCCESS)
      return;
    content.resize(size);
    if (content == context.loaded_pipeline_cache) return;
    write_cache_file(context.cache_folder, file_name(context), content);
    context.loaded_pipeline_cache = std::move(content);
  } catch (const std::exception&) {
    // Errors are ignored: a lost cache only costs compile time at the next start.
  }
}

void close_pipeline_cache(Context& context) noexcept {
  if (context.pipeline_cache == VK_NULL_HANDLE) return;
  save_pipeline_cache(context);
  vkDestroyPipelineCache(context.device, context.pipeline_cache, nullptr);
  context.pipeline_cache = VK_NULL_HANDLE;
}

}  // namespace hekla::vulkan
