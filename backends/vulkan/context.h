// Context: an open Vulkan device, with the device properties that kernels and plans are chosen by. Start at
// open_context. A context is shared by all objects created on its device and closes with the last of them.
#pragma once

#include <volk.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backends/vulkan/device_choice.h"
#include "backends/vulkan/instance.h"
#include "backends/vulkan/matrix_units.h"
#include "backends/vulkan/result.h"
#include "backends/vulkan/submissions.h"
#include "backends/vulkan/validation.h"

namespace hekla::vulkan {

struct ContextOptions {
  bool validate = false;               // or HEKLA_VALIDATE=1
  std::filesystem::path cache_folder;  // of the pipeline cache; empty: none
};

/// One Vulkan device, opened for compute.
struct Context {
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

  Instance instance;
  VkPhysicalDevice physical = VK_NULL_HANDLE;
  VkDevice device = VK_NULL_HANDLE;
  VkQueue queue = VK_NULL_HANDLE;
  uint32_t queue_family = 0;
  Submissions submissions;  // all submissions to `queue`
  VkPipelineCache pipeline_cache = VK_NULL_HANDLE;

  std::size_t index = 0;              // of the device, in the order that the loader lists them
  std::vector<DeviceReport> devices;  // all devices of the machine, with the reason for each choice
  std::string name;
  DeviceType type = DeviceType::other;
  uint32_t api_version = 0;  // usable version: the minimum of the device's and 1.3
  uint32_t vendor_id = 0;
  uint32_t device_id = 0;
  uint32_t driver_version = 0;
  VkDriverId driver_id{};  // 0 when not reported
  std::string driver_name;
  std::string driver_info;  // "Mesa 22.3.6 (LLVM 15.0.6)"
  int mesa_major = 0;       // 22 for Mesa 22.3.6; 0 for other drivers
  bool is_software = false;
  bool is_llvmpipe = false;
  bool is_swiftshader = false;

  VkPhysicalDeviceLimits limits{};
  VkPhysicalDeviceMemoryProperties memory{};
  VkDeviceSize max_allocation_bytes = 0;
  VkDeviceSize offset_alignment =
      16;  // every storage and texel range of a buffer is aligned to this many bytes
  uint32_t subgroup_size = 1;
  bool subgroup_size_fixed = false;  // every subgroup of every shader has this size
  bool keeps_nan = false;            // shaders may require that f32 NaN, infinities and -0 are preserved
  uint32_t compute_units = 0;        // that run workgroups concurrently: multiprocessors; 0: not reported
  VkSubgroupFeatureFlags subgroup_operations = 0;  // in compute shaders; 0: unsupported
  uint32_t timestamp_bits = 0;                     // 0: the queue does not support timestamps
  bool timeline_semaphores = false;                // these five features are enabled when true
  bool host_query_reset = false;
  bool storage_8bit = false;  // with 8-bit integers in shaders
  bool shader_int64 = false;
  bool scalar_block_layout = false;
  MatrixUnits matrix_units;  // enabled where their form is not none

  /// Why this device is no longer usable, as the process ends or is a child of fork(); null while it is
  /// usable.
  std::atomic<const char*> abandoned = nullptr;
  /// Throws hekla::Error when abandoned.
  void check_usable() const;

  std::filesystem::path cache_folder;
  std::vector<std::byte> loaded_pipeline_cache;
  PFN_vkSetDebugUtilsObjectNameEXT set_object_name = nullptr;
  PFN_vkCmdBeginDebugUtilsLabelEXT begin_command_label = nullptr;
  PFN_vkCmdEndDebugUtilsLabelEXT end_command_label = nullptr;

  /// The number of validation warnings and errors so far; 0 when validation is off.
  int validation_message_count() const { return instance.log ? instance.log->count() : 0; }
};

/// Opens the device that `selector` selects (see choose_device). Throws hekla::Error when there is no Vulkan,
/// no such device, or no validation layer although validation was requested.
std::shared_ptr<Context> open_context(const std::string& selector, const ContextOptions& options = {});

/// Opens the device of `context` once more, with threads of its own. Throws as open_context does.
std::shared_ptr<Context> open_another(const Context& context);

/// The machine's devices and which one `selector` would take; throws as open_context does.
std::vector<DeviceReport> list_devices(const std::string& selector = "");

}  // namespace hekla::vulkan
