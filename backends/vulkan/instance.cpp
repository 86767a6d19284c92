// Instance creation. volk's global function pointers are loaded once, by the first instance: the loader's
// entry points serve every instance. Loading them again while another thread calls through them would be a
// data race. Instance-specific functions (the debug functions) are fetched per instance.
#include "backends/vulkan/instance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

#include "backends/vulkan/no_device.h"
#include "backends/vulkan/result.h"
#include "graph/error.h"

namespace hekla::vulkan {
namespace {

constexpr const char* validation_layer = "VK_LAYER_KHRONOS_validation";
constexpr const char* portability_extension = "VK_KHR_portability_enumeration";
constexpr VkInstanceCreateFlags portability_flag = 1;

std::mutex& loading_mutex() {
  static std::mutex mutex;
  return mutex;
}

void load_vulkan() {
  if (vkGetInstanceProcAddr != nullptr) return;
  if (volkInitialize() != VK_SUCCESS) throw_no_device("the Vulkan loader (libvulkan) is not installed");
}

bool has_layer(const char* name) {
  uint32_t count = 0;
  check(vkEnumerateInstanceLayerProperties(&count, nullptr), "vkEnumerateInstanceLayerProperties",
        "the layers");
  std::vector<VkLayerProperties> layers(count);
  check(vkEnumerateInstanceLayerProperties(&count, layers.data()), "vkEnumerateInstanceLayerProperties",
        "the layers");
  layers.resize(count);
  return std::ranges::any_of(layers, [&](const auto& l) { return std::strcmp(l.layerName, name) == 0; });
}

bool has_extension(const char* layer, const char* name) {
  uint32_t count = 0;
  check(vkEnumerateInstanceExtensionProperties(layer, &count, nullptr),
        "vkEnumerateInstanceExtensionProperties", "the instance's extensions");
  std::vector<VkExtensionProperties> extensions(count);
  check(vkEnumerateInstanceExtensionProperties(layer, &count, extensions.data()),
        "vkEnumerateInstanceExtensionProperties", "the instance's extensions");
  extensions.resize(count);
  return std::ranges::any_of(extensions,
                             [&](const auto& e) { return std::strcmp(e.extensionName, name) == 0; });
}

}  // namespace

Instance create_instance(bool validate) {
  std::lock_guard lock(loading_mutex());
  load_vulkan();
  // vkEnumerateInstanceVersion exists since Vulkan 1.1: volk reports 1.0 for a loader without it.
  uint32_t loader_version = volkGetInstanceVersion();
  if (loader_version < VK_API_VERSION_1_1)
    throw_no_device("the Vulkan loader is of version 1.0 and hekla needs 1.1");

  Instance result;
  result.api_version = std::min<uint32_t>(loader_version, VK_API_VERSION_1_3);
  std::vector<const char*> extensions;
  std::vector<const char*> layers;
  VkInstanceCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
  if (has_extension(nullptr, portability_extension)) {
    extensions.push_back(portability_extension);
    info.flags |= portability_flag;
  }

  VkDebugUtilsMessengerCreateInfoEXT messenger{};
  VkValidationFeatureEnableEXT enabled[] = {VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
  VkValidationFeaturesEXT features{};
  if (validate) {
    if (!has_layer(validation_layer))
      throw Error(
          fmt::format("[validate] the layer {} is not installed; install it (Debian: "
                      "vulkan-validationlayers) or run without HEKLA_VALIDATE.",
                      validation_layer));
    layers.push_back(validation_layer);
    extensions.push_back(VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME);
    result.log = std::make_shared<ValidationLog>();
    messenger = messenger_info(*result.log);
    features.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT;
    features.enabledValidationFeatureCount = 1;
    features.pEnabledValidationFeatures = enabled;
    features.pNext = &messenger;
    info.pNext = &features;
  }
  if (has_extension(nullptr, VK_EXT_DEBUG_UTILS_EXTENSION_NAME) ||
      (validate && has_extension(validation_layer, VK_EXT_DEBUG_UTILS_EXTENSION_NAME))) {
    extensions.push_back(VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
    result.debug_utils = true;
  }

  VkApplicationInfo application{};
  application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
  application.pApplicationName = "hekla";
  application.pEngineName = "hekla";
  application.apiVersion = result.api_version;
  info.pApplicationInfo = &application;
  info.enabledExtensionCount = static_cast<uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  info.enabledLayerCount = static_cast<uint32_t>(layers.size());
  info.ppEnabledLayerNames = layers.data();
  VkResult code = vkCreateInstance(&info, nullptr, &result.handle);
  if (code == VK_ERROR_INCOMPATIBLE_DRIVER) throw_no_driver();
  check(code, "vkCreateInstance", "an instance");
  if (vkGetPhysicalDeviceProperties2 == nullptr) volkLoadInstance(result.handle);

  if (validate && result.debug_utils) {
    auto create = reinterpret_cast<PFN_vkCreateDebugUtilsMessengerEXT>(
        vkGetInstanceProcAddr(result.handle, "vkCreateDebugUtilsMessengerEXT"));
    if (create != nullptr) {
      code = create(result.handle, &messenger, nullptr, &result.messenger);
      if (code != VK_SUCCESS) destroy_instance(result);
      check(code, "vkCreateDebugUtilsMessengerEXT", "the validation messages");
    }
  }
  return result;
}

void destroy_instance(Instance& instance) {
  if (instance.handle == VK_NULL_HANDLE) return;
  if (instance.messenger != VK_NULL_HANDLE) {
    auto destroy = reinterpret_cast<PFN_vkDestroyDebugUtilsMessengerEXT>(
        vkGetInstanceProcAddr(instance.handle, "vkDestroyDebugUtilsMessengerEXT"));
    if (destroy != nullptr) destroy(instance.handle, instance.messenger, nullptr);
  }
  vkDestroyInstance(instance.handle, nullptr);
  instance.handle = VK_NULL_HANDLE;
  instance.messenger = VK_NULL_HANDLE;
}

}  // namespace hekla::vulkan
