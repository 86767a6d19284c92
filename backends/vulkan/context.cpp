// Opening a device: enumerate, describe, choose, enable the few features that are used where they exist.
#include "backends/vulkan/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "backends/vulkan/at_exit.h"
#include "backends/vulkan/driver_threads.h"
#include "backends/vulkan/no_device.h"
#include "backends/vulkan/pipeline_cache.h"
#include "backends/vulkan/switches.h"
#include "graph/debug.h"
#include "graph/error.h"
#include "graph/run/runtime_lock.h"

namespace hekla::vulkan {
namespace {

constexpr const char* portability_subset = "VK_KHR_portability_subset";

DeviceType to_type(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return DeviceType::discrete;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return DeviceType::integrated;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return DeviceType::virtual_gpu;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return DeviceType::cpu;
    default:
      return DeviceType::other;
  }
}

std::string version_text(uint32_t version) {
  return fmt::format("{}.{}.{}", VK_API_VERSION_MAJOR(version), VK_API_VERSION_MINOR(version),
                     VK_API_VERSION_PATCH(version));
}

bool has_extension(VkPhysicalDevice device, const char* name) {
  uint32_t count = 0;
  check(vkEnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr),
        "vkEnumerateDeviceExtensionProperties", "a device");
  std::vector<VkExtensionProperties> extensions(count);
  check(vkEnumerateDeviceExtensionProperties(device, nullptr, &count, extensions.data()),
        "vkEnumerateDeviceExtensionProperties", "a device");
  extensions.resize(count);
  return std::ranges::any_of(extensions,
                             [&](const auto& e) { return std::strcmp(e.extensionName, name) == 0; });
}

std::optional<uint32_t> compute_family(VkPhysicalDevice device, uint32_t* timestamp_bits = nullptr) {
  uint32_t count = 0;
  vkGetPhysicalDeviceQueueFamilyProperties(device, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  vkGetPhysicalDeviceQueueFamilyProperties(device, &count, families.data());
  for (uint32_t i = 0; i < count; ++i) {
    if ((families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) == 0) continue;
    if (timestamp_bits != nullptr) *timestamp_bits = families[i].timestampValidBits;
    return i;
  }
  return std::nullopt;
}

std::vector<VkPhysicalDevice> enumerate(VkInstance instance) {
  uint32_t count = 0;
  const VkResult found = vkEnumeratePhysicalDevices(instance, &count, nullptr);
  if (found == VK_ERROR_INITIALIZATION_FAILED || (found == VK_SUCCESS && count == 0)) throw_no_driver();
  check(found, "vkEnumeratePhysicalDevices", "the devices");
  std::vector<VkPhysicalDevice> handles(count);
  check(vkEnumeratePhysicalDevices(instance, &count, handles.data()), "vkEnumeratePhysicalDevices",
        "the devices");
  handles.resize(count);
  return handles;
}

// Driver properties as reported; Vulkan 1.1 devices without the extension report none.
VkPhysicalDeviceDriverProperties driver_of(VkPhysicalDevice device, uint32_t api_version) {
  VkPhysicalDeviceDriverProperties driver{};
  driver.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES;
  if (api_version < VK_API_VERSION_1_2 && !has_extension(device, VK_KHR_DRIVER_PROPERTIES_EXTENSION_NAME))
    return driver;
  VkPhysicalDeviceProperties2 properties{};
  properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
  properties.pNext = &driver;
  vkGetPhysicalDeviceProperties2(device, &properties);
  return driver;
}

DeviceReport report_on(VkPhysicalDevice device, int index) {
  VkPhysicalDeviceProperties properties{};
  vkGetPhysicalDeviceProperties(device, &properties);
  DeviceReport report;
  report.index = index;
  report.name = properties.deviceName;
  report.type = to_type(properties.deviceType);
  report.api = version_text(properties.apiVersion);
  if (properties.apiVersion < VK_API_VERSION_1_1) {
    report.driver = "unknown driver";
    report.unsuitable = fmt::format("its Vulkan is {} and hekla needs 1.1", report.api);
    return report;
  }
  VkPhysicalDeviceDriverProperties driver = driver_of(device, properties.apiVersion);
  report.driver = driver.driverName[0] == 0 ? fmt::format("driver version {}", properties.driverVersion)
                                            : fmt::format("{}, {}", driver.driverName, driver.driverInfo);
  if (!compute_family(device)) report.unsuitable = "it has no queue that computes";
  return report;
}

std::vector<DeviceReport> report_all(std::span<const VkPhysicalDevice> handles) {
  std::vector<DeviceReport> reports;
  for (VkPhysicalDevice handle : handles)
    reports.push_back(report_on(handle, static_cast<int>(reports.size())));
  return reports;
}

void read_facts(Context& c) {
  VkPhysicalDeviceProperties p{};
  vkGetPhysicalDeviceProperties(c.physical, &p);
  c.api_version = std::min(p.apiVersion, c.instance.api_version);
  VkPhysicalDeviceProperties2 properties{};
  properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
  const auto ask = [&](auto& more, VkStructureType type) {
    more.sType = type;
    more.pNext = std::exchange(properties.pNext, &more);
  };
  VkPhysicalDeviceSubgroupProperties subgroups{};
  ask(subgroups, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES);
  VkPhysicalDeviceMaintenance3Properties allocation{};
  ask(allocation, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES);
  VkPhysicalDeviceSubgroupSizeControlProperties sizes{};
  if (has_extension(c.physical, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME))
    ask(sizes, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES);
  VkPhysicalDeviceFloatControlsProperties floats{};
  if (c.api_version >= VK_API_VERSION_1_2)
    ask(floats, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FLOAT_CONTROLS_PROPERTIES);
  VkPhysicalDeviceShaderSMBuiltinsPropertiesNV multiprocessors{};
  if (has_extension(c.physical, VK_NV_SHADER_SM_BUILTINS_EXTENSION_NAME))
    ask(multiprocessors, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_SM_BUILTINS_PROPERTIES_NV);
  VkPhysicalDeviceShaderCorePropertiesAMD compute_units{};
  if (has_extension(c.physical, VK_AMD_SHADER_CORE_PROPERTIES_EXTENSION_NAME))
    ask(compute_units, VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_CORE_PROPERTIES_AMD);
  vkGetPhysicalDeviceProperties2(c.physical, &properties);
  c.name = p.deviceName;
  c.type = to_type(p.deviceType);
  c.vendor_id = p.vendorID;
  c.device_id = p.deviceID;
  c.driver_version = p.driverVersion;
  c.limits = p.limits;
  c.max_allocation_bytes = allocation.maxMemoryAllocationSize;
  c.offset_alignment = std::max<VkDeviceSize>(
      {16, p.limits.minStorageBufferOffsetAlignment, p.limits.minTexelBufferOffsetAlignment});
  c.subgroup_size = std::max<uint32_t>(1, subgroups.subgroupSize);
  c.subgroup_size_fixed =
      sizes.minSubgroupSize == c.subgroup_size && sizes.maxSubgroupSize == c.subgroup_size;
  c.keeps_nan = floats.shaderSignedZeroInfNanPreserveFloat32 != 0;
  c.compute_units = multiprocessors.shaderSMCount + compute_units.shaderEngineCount *
                                                        compute_units.shaderArraysPerEngineCount *
                                                        compute_units.computeUnitsPerShaderArray;
  if ((subgroups.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0)
    c.subgroup_operations = subgroups.supportedOperations;
  vkGetPhysicalDeviceMemoryProperties(c.physical, &c.memory);

  VkPhysicalDeviceDriverProperties driver = driver_of(c.physical, p.apiVersion);
  c.driver_id = driver.driverID;
  c.driver_name = driver.driverName;
  c.driver_info = driver.driverInfo;
  if (std::size_t at = c.driver_info.find("Mesa "); at != std::string::npos)
    std::from_chars(c.driver_info.data() + at + 5, c.driver_info.data() + c.driver_info.size(), c.mesa_major);
  c.is_software = c.type == DeviceType::cpu;
  c.is_llvmpipe = c.driver_id == VK_DRIVER_ID_MESA_LLVMPIPE || c.name.starts_with("llvmpipe");
  c.is_swiftshader = c.driver_id == VK_DRIVER_ID_GOOGLE_SWIFTSHADER || c.name.starts_with("SwiftShader");
}

// `pins`: each of the threads that the driver starts keeps to one processor.
void create_device(Context& c, bool pins) {
  VkPhysicalDeviceVulkan12Features known12{};
  known12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
  VkPhysicalDeviceFeatures2 known{};
  known.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
  bool has12 = c.api_version >= VK_API_VERSION_1_2;
  if (has12) known.pNext = &known12;
  vkGetPhysicalDeviceFeatures2(c.physical, &known);
  c.timeline_semaphores = known12.timelineSemaphore != 0;
  c.host_query_reset = known12.hostQueryReset != 0;
  c.storage_8bit = known12.storageBuffer8BitAccess != 0 && known12.shaderInt8 != 0;
  c.shader_int64 = known.features.shaderInt64 != 0;
  c.scalar_block_layout = known12.scalarBlockLayout != 0;

  std::vector<const char*> extensions;
  MatrixFeatures matrix_features;
  if (known12.shaderFloat16 != 0 && known12.vulkanMemoryModel != 0) {
    const auto listed = [&](const char* name) { return has_extension(c.physical, name); };
    c.matrix_units = find_matrix_units(c.instance.handle, c.physical, listed);
    matrix_features.enable(c.matrix_units, extensions);
  }
  const bool has_units = c.matrix_units.form != MatrixForm::none;

  VkPhysicalDeviceVulkan12Features wanted12{};
  wanted12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
  wanted12.timelineSemaphore = c.timeline_semaphores;
  wanted12.hostQueryReset = c.host_query_reset;
  wanted12.storageBuffer8BitAccess = c.storage_8bit;
  wanted12.shaderInt8 = c.storage_8bit;
  wanted12.scalarBlockLayout = c.scalar_block_layout;
  wanted12.shaderFloat16 = has_units;
  wanted12.vulkanMemoryModel = has_units;
  // The progress counter of several kernels in one dispatch has device scope.
  wanted12.vulkanMemoryModelDeviceScope = has_units && known12.vulkanMemoryModelDeviceScope != 0;
  wanted12.pNext = matrix_features.chain();
  VkPhysicalDeviceFeatures2 wanted{};
  wanted.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
  wanted.features.shaderInt64 = c.shader_int64;
  if (has12) wanted.pNext = &wanted12;

  // The specification requires enabling it on every device that lists it.
  if (has_extension(c.physical, portability_subset)) extensions.push_back(portability_subset);
  c.queue_family = compute_family(c.physical, &c.timestamp_bits).value();
  float priority = 1.0f;
  VkDeviceQueueCreateInfo queue{};
  queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
  queue.queueFamilyIndex = c.queue_family;
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;
  VkDeviceCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
  info.pNext = &wanted;
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  info.enabledExtensionCount = static_cast<uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  const std::vector<int> threads_before = threads_of_process();
  {
    std::optional<FlushDenormals> inherited;
    if (c.is_software) inherited.emplace();
    check(vkCreateDevice(c.physical, &info, nullptr, &c.device), "vkCreateDevice", c.name);
  }
  if (c.is_llvmpipe && pins) spread_over_processors(threads_before);
  vkGetDeviceQueue(c.device, c.queue_family, 0, &c.queue);
  c.submissions.open(c.device, c.queue);
}

void load_debug_functions(Context& c) {
  if (!c.instance.debug_utils) return;
  auto get = [&](const char* name) { return vkGetInstanceProcAddr(c.instance.handle, name); };
  c.set_object_name = reinterpret_cast<PFN_vkSetDebugUtilsObjectNameEXT>(get("vkSetDebugUtilsObjectNameEXT"));
  c.begin_command_label =
      reinterpret_cast<PFN_vkCmdBeginDebugUtilsLabelEXT>(get("vkCmdBeginDebugUtilsLabelEXT"));
  c.end_command_label = reinterpret_cast<PFN_vkCmdEndDebugUtilsLabelEXT>(get("vkCmdEndDebugUtilsLabelEXT"));
}

// From here on the context's destructor cleans up everything created so far, also when a later step throws.
void open(Context& context, VkPhysicalDevice physical, bool pins) {
  context.physical = physical;
  read_facts(context);
  create_device(context, pins);
  load_debug_functions(context);
  open_pipeline_cache(context);
}

void check_process_goes_on() {
  if (process_ends()) {
    throw Error(
        "[device] none can be opened while the process ends; compute before main returns or exit() is "
        "called.");
  }
}

bool validation_asked() { return environment_switch("HEKLA_VALIDATE").value_or(false); }

}  // namespace

Context::~Context() {
  if (abandoned) return;
  if (device != VK_NULL_HANDLE) {
    // The result is ignored: a lost device returns an error here, and a destructor cannot report it.
    static_cast<void>(vkDeviceWaitIdle(device));
    submissions.close();
    close_pipeline_cache(*this);
    vkDestroyDevice(device, nullptr);
  }
  destroy_instance(instance);
}

void Context::check_usable() const {
  if (const char* why = abandoned) throw Error(fmt::format("[device] {} {}.", name, why));
}

std::shared_ptr<Context> open_context(const std::string& selector, const ContextOptions& options) {
  check_process_goes_on();
  auto context = std::make_shared<Context>();
  context->instance = create_instance(options.validate || validation_asked());
  std::vector<VkPhysicalDevice> handles = enumerate(context->instance.handle);
  context->devices = report_all(handles);
  context->index = choose_device(context->devices, selector);
  context->cache_folder = options.cache_folder;
  open(*context, handles[context->index], pins_threads());
  abandon_at_exit(context);
  return context;
}

std::shared_ptr<Context> open_another(const Context& one) {
  check_process_goes_on();
  auto context = std::make_shared<Context>();
  context->instance = create_instance(one.instance.log != nullptr);
  std::vector<VkPhysicalDevice> handles = enumerate(context->instance.handle);
  if (one.index >= handles.size()) throw Error(fmt::format("[device] {} is no longer there.", one.name));
  context->index = one.index;
  open(*context, handles[context->index], false);
  abandon_at_exit(context);
  return context;
}

std::vector<DeviceReport> list_devices(const std::string& selector) {
  Context context;
  context.instance = create_instance(false);
  std::vector<DeviceReport> reports = report_all(enumerate(context.instance.handle));
  choose_device(reports, selector);
  return reports;
}

}  // namespace hekla::vulkan
