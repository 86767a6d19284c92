// A Vulkan layer for the tests: it makes the driver below it look like a smaller one. HEKLA_LIMITS names the
// profile, HEKLA_LIMITS_HEAP a heap in MiB. Limits that are only reported are enforced by the validation
// layer, which stands above this one; allocations beyond the heap fail here.
#include <vulkan/vk_layer.h>
#include <vulkan/vulkan.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "profiles.h"

namespace hekla::layers {

namespace {

// The functions of the next layer or the driver that are called. They are looked up when the instance is
// made, as the loader later returns the first layer's functions.
struct NextInstance {
  NextInstance() = default;
  NextInstance(VkInstance instance, PFN_vkGetInstanceProcAddr next) : handle(instance), get(next) {
    find(destroy, "vkDestroyInstance");
    find(create_device, "vkCreateDevice");
    find(properties, "vkGetPhysicalDeviceProperties");
    find(properties2, "vkGetPhysicalDeviceProperties2");
    find(features, "vkGetPhysicalDeviceFeatures");
    find(features2, "vkGetPhysicalDeviceFeatures2");
    find(memory, "vkGetPhysicalDeviceMemoryProperties");
    find(memory2, "vkGetPhysicalDeviceMemoryProperties2");
  }
  template <class Function>
  void find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(get(handle, name));
  }

  VkInstance handle = VK_NULL_HANDLE;
  PFN_vkGetInstanceProcAddr get = nullptr;
  PFN_vkDestroyInstance destroy = nullptr;
  PFN_vkCreateDevice create_device = nullptr;
  PFN_vkGetPhysicalDeviceProperties properties = nullptr;
  PFN_vkGetPhysicalDeviceProperties2 properties2 = nullptr;
  PFN_vkGetPhysicalDeviceFeatures features = nullptr;
  PFN_vkGetPhysicalDeviceFeatures2 features2 = nullptr;
  PFN_vkGetPhysicalDeviceMemoryProperties memory = nullptr;
  PFN_vkGetPhysicalDeviceMemoryProperties2 memory2 = nullptr;
};

struct NextDevice {
  PFN_vkGetDeviceProcAddr get = nullptr;
  VkDevice handle = VK_NULL_HANDLE;
  VkDeviceSize heap = 0;
  uint32_t most_allocations = 0;
  VkDeviceSize in_use = 0;
  std::map<VkDeviceMemory, VkDeviceSize> allocations = {};
  template <class Function>
  Function call(const char* name) const {
    return reinterpret_cast<Function>(get(handle, name));
  }
};

std::mutex& mutex() {
  static auto& made = *new std::mutex;
  return made;
}

// Leaked on purpose: calls at process exit still work.
std::map<void*, NextInstance>& instances() {
  static auto& made = *new std::map<void*, NextInstance>;
  return made;
}

std::map<void*, NextDevice>& devices() {
  static auto& made = *new std::map<void*, NextDevice>;
  return made;
}

// The dispatch key, which all objects of one instance or device share.
template <class Handle>
void* key_of(Handle handle) {
  return *reinterpret_cast<void**>(handle);
}

template <class Handle>
NextInstance next_instance(Handle handle) {
  std::lock_guard lock(mutex());
  return instances().at(key_of(handle));
}

const Profile* profile() {
  static const Profile* const found = [] {
    const char* name = std::getenv("HEKLA_LIMITS");
    if (name == nullptr || *name == 0) return static_cast<const Profile*>(nullptr);
    const Profile* known = profile_of(name);
    if (known == nullptr) {
      std::fprintf(stderr, "limits layer: HEKLA_LIMITS=%s names no profile\n", name);
      std::abort();
    }
    return known;
  }();
  return found;
}

VkDeviceSize heap_of(VkDeviceSize size) {
  if (profile() != nullptr) size = std::min<VkDeviceSize>(size, profile()->heap_bytes);
  const char* mib = std::getenv("HEKLA_LIMITS_HEAP");
  if (mib != nullptr) size = std::min<VkDeviceSize>(size, std::strtoull(mib, nullptr, 10) << 20);
  return size;
}

template <class Number, class Limit>
void lower(Number& number, Limit limit) {
  number = std::min(number, static_cast<Number>(limit));
}

template <class Number, class Limit>
void raise(Number& number, Limit limit) {
  number = std::max(number, static_cast<Number>(limit));
}

void reduce(VkPhysicalDeviceProperties& properties) {
  const Profile* p = profile();
  if (p == nullptr) return;
  lower(properties.apiVersion, p->api_version);
  properties.vendorID = p->vendor_id;
  properties.deviceType = VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU;
  std::snprintf(properties.deviceName, sizeof properties.deviceName, "%s", p->device);
  VkPhysicalDeviceLimits& limits = properties.limits;
  lower(limits.maxPerStageDescriptorStorageBuffers, p->stage_buffers);
  lower(limits.maxDescriptorSetStorageBuffers, p->set_buffers);
  lower(limits.maxPerStageDescriptorStorageImages, p->stage_images);
  lower(limits.maxDescriptorSetStorageImages, p->set_images);
  lower(limits.maxPerStageResources, p->stage_resources);
  lower(limits.maxStorageBufferRange, p->buffer_range);
  lower(limits.maxTexelBufferElements, p->texels);
  lower(limits.maxPushConstantsSize, p->push_constants);
  lower(limits.maxBoundDescriptorSets, p->sets);
  lower(limits.maxComputeWorkGroupInvocations, p->invocations);
  const uint32_t sizes[] = {p->size_x, p->size_x, 64};
  for (int axis = 0; axis < 3; ++axis) {
    lower(limits.maxComputeWorkGroupSize[axis], sizes[axis]);
    lower(limits.maxComputeWorkGroupCount[axis], 65535);
  }
  lower(limits.maxComputeSharedMemorySize, p->shared_bytes);
  lower(limits.maxMemoryAllocationCount, p->allocations);
  raise(limits.minStorageBufferOffsetAlignment, p->buffer_alignment);
  raise(limits.minTexelBufferOffsetAlignment, p->texel_alignment);
  raise(limits.nonCoherentAtomSize, p->atom);
}

void reduce_driver(VkDriverId& id, char* name, char* info, const Profile& p) {
  id = p.driver_id;
  std::snprintf(name, VK_MAX_DRIVER_NAME_SIZE, "%s", p.driver);
  std::snprintf(info, VK_MAX_DRIVER_INFO_SIZE, "limits of %.*s", static_cast<int>(p.name.size()),
                p.name.data());
}

// Reduces the structures that a query of properties or features chains by pNext.
void reduce_chain(void* chain) {
  const Profile* p = profile();
  if (p == nullptr) return;
  const auto reduce_floats = [&](VkBool32& keeps) { keeps = keeps && p->keeps_nan; };
  for (auto* next = static_cast<VkBaseOutStructure*>(chain); next != nullptr; next = next->pNext) {
    switch (next->sType) {
      case VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES: {
        auto& driver = *reinterpret_cast<VkPhysicalDeviceDriverProperties*>(next);
        reduce_driver(driver.driverID, driver.driverName, driver.driverInfo, *p);
        break;
      }
      case VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES: {
        auto& all = *reinterpret_cast<VkPhysicalDeviceVulkan12Properties*>(next);
        reduce_driver(all.driverID, all.driverName, all.driverInfo, *p);
        reduce_floats(all.shaderSignedZeroInfNanPreserveFloat32);
        break;
      }
      case VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FLOAT_CONTROLS_PROPERTIES:
        reduce_floats(reinterpret_cast<VkPhysicalDeviceFloatControlsProperties*>(next)
                          ->shaderSignedZeroInfNanPreserveFloat32);
        break;
      case VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES:
        reinterpret_cast<VkPhysicalDeviceSubgroupProperties*>(next)->supportedOperations &=
            p->subgroup_operations;
        break;
      case VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES: {
        auto& all = *reinterpret_cast<VkPhysicalDeviceVulkan11Properties*>(next);
        all.subgroupSupportedOperations &= p->subgroup_operations;
        lower(all.maxMemoryAllocationSize, p->allocation_bytes);
        break;
      }
      case VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES:
        lower(reinterpret_cast<VkPhysicalDeviceMaintenance3Properties*>(next)->maxMemoryAllocationSize,
              p->allocation_bytes);
        break;
      case VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES:
        if (p->subgroups_vary)
          reinterpret_cast<VkPhysicalDeviceSubgroupSizeControlProperties*>(next)->maxSubgroupSize *= 4;
        break;
      case VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES: {
        auto& features = *reinterpret_cast<VkPhysicalDeviceVulkan12Features*>(next);
        lower(features.storageBuffer8BitAccess, p->int8);
        lower(features.shaderInt8, p->int8);
        lower(features.shaderFloat16, p->float16);
        lower(features.scalarBlockLayout, p->scalar_layout);
        lower(features.timelineSemaphore, p->timeline);
        break;
      }
      default:
        break;
    }
  }
}

void reduce(VkPhysicalDeviceFeatures& features) {
  if (profile() != nullptr) lower(features.shaderInt64, profile()->int64);
}

void reduce(VkPhysicalDeviceMemoryProperties& memory) {
  for (uint32_t i = 0; i < memory.memoryHeapCount; ++i)
    memory.memoryHeaps[i].size = heap_of(memory.memoryHeaps[i].size);
}

VKAPI_ATTR void VKAPI_CALL get_properties(VkPhysicalDevice device, VkPhysicalDeviceProperties* properties) {
  next_instance(device).properties(device, properties);
  reduce(*properties);
}

VKAPI_ATTR void VKAPI_CALL get_properties2(VkPhysicalDevice device, VkPhysicalDeviceProperties2* properties) {
  next_instance(device).properties2(device, properties);
  reduce(properties->properties);
  reduce_chain(properties->pNext);
}

VKAPI_ATTR void VKAPI_CALL get_features(VkPhysicalDevice device, VkPhysicalDeviceFeatures* features) {
  next_instance(device).features(device, features);
  reduce(*features);
}

VKAPI_ATTR void VKAPI_CALL get_features2(VkPhysicalDevice device, VkPhysicalDeviceFeatures2* features) {
  next_instance(device).features2(device, features);
  reduce(features->features);
  reduce_chain(features->pNext);
}

VKAPI_ATTR void VKAPI_CALL get_memory(VkPhysicalDevice device, VkPhysicalDeviceMemoryProperties* memory) {
  next_instance(device).memory(device, memory);
  reduce(*memory);
}

VKAPI_ATTR void VKAPI_CALL get_memory2(VkPhysicalDevice device, VkPhysicalDeviceMemoryProperties2* memory) {
  next_instance(device).memory2(device, memory);
  reduce(memory->memoryProperties);
}

// The loader's link to the next layer, in the pNext chain of a create-info structure.
template <class Link>
Link* link_of(const void* chain, VkStructureType type) {
  for (auto* next = static_cast<const VkBaseInStructure*>(chain); next != nullptr; next = next->pNext) {
    auto* link = reinterpret_cast<Link*>(const_cast<VkBaseInStructure*>(next));
    if (next->sType == type && link->function == VK_LAYER_LINK_INFO) return link;
  }
  return nullptr;
}

VKAPI_ATTR VkResult VKAPI_CALL create_instance(const VkInstanceCreateInfo* info,
                                               const VkAllocationCallbacks* allocator, VkInstance* instance) {
  auto* link = link_of<VkLayerInstanceCreateInfo>(info->pNext, VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO);
  if (link == nullptr) return VK_ERROR_INITIALIZATION_FAILED;
  const PFN_vkGetInstanceProcAddr get = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  const auto create = reinterpret_cast<PFN_vkCreateInstance>(get(VK_NULL_HANDLE, "vkCreateInstance"));
  const VkResult result = create(info, allocator, instance);
  if (result != VK_SUCCESS) return result;
  std::lock_guard lock(mutex());
  instances()[key_of(*instance)] = {*instance, get};
  return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL destroy_instance(VkInstance instance, const VkAllocationCallbacks* allocator) {
  if (instance == VK_NULL_HANDLE) return;
  const NextInstance next = next_instance(instance);
  {
    std::lock_guard lock(mutex());
    instances().erase(key_of(instance));
  }
  next.destroy(instance, allocator);
}

VKAPI_ATTR VkResult VKAPI_CALL create_device(VkPhysicalDevice physical, const VkDeviceCreateInfo* info,
                                             const VkAllocationCallbacks* allocator, VkDevice* device) {
  auto* link = link_of<VkLayerDeviceCreateInfo>(info->pNext, VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO);
  if (link == nullptr) return VK_ERROR_INITIALIZATION_FAILED;
  const PFN_vkGetDeviceProcAddr get = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  const VkResult result = next_instance(physical).create_device(physical, info, allocator, device);
  if (result != VK_SUCCESS) return result;
  VkPhysicalDeviceProperties properties{};
  VkPhysicalDeviceMemoryProperties memory{};
  get_properties(physical, &properties);
  get_memory(physical, &memory);
  NextDevice next{
      .get = get, .handle = *device, .most_allocations = properties.limits.maxMemoryAllocationCount};
  for (uint32_t i = 0; i < memory.memoryHeapCount; ++i) next.heap += memory.memoryHeaps[i].size;
  std::lock_guard lock(mutex());
  devices()[key_of(*device)] = std::move(next);
  return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL destroy_device(VkDevice device, const VkAllocationCallbacks* allocator) {
  if (device == VK_NULL_HANDLE) return;
  PFN_vkDestroyDevice destroy = nullptr;
  {
    std::lock_guard lock(mutex());
    destroy = devices().at(key_of(device)).call<PFN_vkDestroyDevice>("vkDestroyDevice");
    devices().erase(key_of(device));
  }
  destroy(device, allocator);
}

VKAPI_ATTR VkResult VKAPI_CALL allocate_memory(VkDevice device, const VkMemoryAllocateInfo* info,
                                               const VkAllocationCallbacks* allocator,
                                               VkDeviceMemory* memory) {
  std::lock_guard lock(mutex());
  NextDevice& next = devices().at(key_of(device));
  if (next.allocations.size() >= next.most_allocations) return VK_ERROR_TOO_MANY_OBJECTS;
  if (next.in_use + info->allocationSize > next.heap) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  if (profile() != nullptr && info->allocationSize > profile()->allocation_bytes)
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  const VkResult result =
      next.call<PFN_vkAllocateMemory>("vkAllocateMemory")(device, info, allocator, memory);
  if (result != VK_SUCCESS) return result;
  next.in_use += info->allocationSize;
  next.allocations[*memory] = info->allocationSize;
  return VK_SUCCESS;
}

VKAPI_ATTR void VKAPI_CALL free_memory(VkDevice device, VkDeviceMemory memory,
                                       const VkAllocationCallbacks* allocator) {
  std::lock_guard lock(mutex());
  NextDevice& next = devices().at(key_of(device));
  if (const auto found = next.allocations.find(memory); found != next.allocations.end()) {
    next.in_use -= found->second;
    next.allocations.erase(found);
  }
  next.call<PFN_vkFreeMemory>("vkFreeMemory")(device, memory, allocator);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_device_proc(VkDevice device, const char* name);
VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_instance_proc(VkInstance instance, const char* name);

struct Intercepted {
  const char* name;
  PFN_vkVoidFunction function;
};

template <class Function>
PFN_vkVoidFunction erased(Function* function) {
  return reinterpret_cast<PFN_vkVoidFunction>(function);
}

PFN_vkVoidFunction find(const std::vector<Intercepted>& all, const char* name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Intercepted& one) { return std::strcmp(one.name, name) == 0; });
  return found == all.end() ? nullptr : found->function;
}

PFN_vkVoidFunction of_device(const char* name) {
  static const auto& all = *new std::vector<Intercepted>{{"vkGetDeviceProcAddr", erased(get_device_proc)},
                                                         {"vkDestroyDevice", erased(destroy_device)},
                                                         {"vkAllocateMemory", erased(allocate_memory)},
                                                         {"vkFreeMemory", erased(free_memory)}};
  return find(all, name);
}

PFN_vkVoidFunction of_instance(const char* name) {
  static const auto& all =
      *new std::vector<Intercepted>{{"vkGetInstanceProcAddr", erased(get_instance_proc)},
                                    {"vkCreateInstance", erased(create_instance)},
                                    {"vkDestroyInstance", erased(destroy_instance)},
                                    {"vkCreateDevice", erased(create_device)},
                                    {"vkGetPhysicalDeviceProperties", erased(get_properties)},
                                    {"vkGetPhysicalDeviceProperties2", erased(get_properties2)},
                                    {"vkGetPhysicalDeviceProperties2KHR", erased(get_properties2)},
                                    {"vkGetPhysicalDeviceFeatures", erased(get_features)},
                                    {"vkGetPhysicalDeviceFeatures2", erased(get_features2)},
                                    {"vkGetPhysicalDeviceFeatures2KHR", erased(get_features2)},
                                    {"vkGetPhysicalDeviceMemoryProperties", erased(get_memory)},
                                    {"vkGetPhysicalDeviceMemoryProperties2", erased(get_memory2)},
                                    {"vkGetPhysicalDeviceMemoryProperties2KHR", erased(get_memory2)}};
  const PFN_vkVoidFunction found = find(all, name);
  return found != nullptr ? found : of_device(name);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_device_proc(VkDevice device, const char* name) {
  if (const PFN_vkVoidFunction own = of_device(name)) return own;
  NextDevice next;
  {
    std::lock_guard lock(mutex());
    next.get = devices().at(key_of(device)).get;
  }
  return next.get(device, name);
}

VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_instance_proc(VkInstance instance, const char* name) {
  if (const PFN_vkVoidFunction own = of_instance(name)) return own;
  if (instance == VK_NULL_HANDLE) return nullptr;
  return next_instance(instance).get(instance, name);
}

}  // namespace

}  // namespace hekla::layers

// Newer headers of the loader lack VK_LAYER_EXPORT.
extern "C" __attribute__((visibility("default"))) VKAPI_ATTR VkResult VKAPI_CALL
vkNegotiateLoaderLayerInterfaceVersion(VkNegotiateLayerInterface* interface) {
  interface->loaderLayerInterfaceVersion = std::min(interface->loaderLayerInterfaceVersion, 2u);
  interface->pfnGetInstanceProcAddr = hekla::layers::get_instance_proc;
  interface->pfnGetDeviceProcAddr = hekla::layers::get_device_proc;
  interface->pfnGetPhysicalDeviceProcAddr = nullptr;
  return VK_SUCCESS;
}
