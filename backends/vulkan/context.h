// An open Vulkan device with the facts about it that kernels and plans are chosen by. Start at open_context;
// a context is shared by everything made on its device and closes when the last of these is gone.
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
  bool validate = false;               // HEKLA_VALIDATE=1 asks for the same
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
  Submissions submissions;  // the way to `queue`
  VkPipelineCache pipeline_cache = VK_NULL_HANDLE;

  std::vector<DeviceReport> devices;  // all of the machine's, with why each was chosen or passed over
  std::string name;
  DeviceType type = DeviceType::other;
  uint32_t api_version = 0;  // what may be used: the lesser of the device's and 1.3
  uint32_t vendor_id = 0;
  uint32_t device_id = 0;
  uint32_t driver_version = 0;
  VkDriverId driver_id{};  // 0 when the driver does not tell
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
      16;  // every storage and texel range of a buffer starts at a multiple of this
  uint32_t subgroup_size = 1;
  bool subgroup_size_fixed = false;  // every subgroup of every shader has that size
  bool keeps_nan = false;            // shaders may ask that NaN, infinities and -0 of f32 are kept
  uint32_t units = 0;  // that run workgroups side by side: multiprocessors; 0 when the driver does not tell
  VkSubgroupFeatureFlags subgroup_operations = 0;  // in compute shaders; 0 when they have none
  uint32_t timestamp_bits = 0;                     // 0: the queue cannot take timestamps
  bool timeline_semaphores = false;                // these five features are enabled when true
  bool host_query_reset = false;
  bool storage_8bit = false;  // with 8-bit integers in shaders
  bool shader_int64 = false;
  bool scalar_block_layout = false;
  MatrixUnits matrix_units;  // enabled where their form is not none

  /// Why nothing of this device can be used or given back any more, as the process ends or is a fork's child;
  /// null while it can.
  std::atomic<const char*> abandoned = nullptr;
  /// Throws hekla::Error where it is.
  void check_usable() const;

  std::filesystem::path cache_folder;
  std::vector<std::byte> loaded_pipeline_cache;
  PFN_vkSetDebugUtilsObjectNameEXT set_object_name = nullptr;
  PFN_vkCmdBeginDebugUtilsLabelEXT begin_command_label = nullptr;
  PFN_vkCmdEndDebugUtilsLabelEXT end_command_label = nullptr;

  /// Warnings and errors the validation layers told so far; 0 when they are off.
  int validation_message_count() const { return instance.log ? instance.log->count() : 0; }
};

/// Opens the device that `selector` asks for (see choose_device); throws hekla::Error when there is no
/// Vulkan, no such device, or no validation layer though validation was asked for.
std::shared_ptr<Context> open_context(const std::string& selector, const ContextOptions& options = {});

/// The machine's devices and which one `selector` would take; throws as open_context does.
std::vector<DeviceReport> list_devices(const std::string& selector = "");

}  // namespace hekla::vulkan
