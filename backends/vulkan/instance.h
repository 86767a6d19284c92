// Loading Vulkan and making an instance, with validation when asked for.
#pragma once

#include <volk.h>

#include <memory>

#include "backends/vulkan/validation.h"

namespace hekla::vulkan {

struct Instance {
  VkInstance handle = VK_NULL_HANDLE;
  uint32_t api_version = 0;  // the most that may be used of a device
  bool debug_utils = false;
  VkDebugUtilsMessengerEXT messenger = VK_NULL_HANDLE;
  std::shared_ptr<ValidationLog> log;  // null without validation
};

/// Makes an instance; throws hekla::Error when Vulkan, or the validation layer asked for, is not installed.
Instance create_instance(bool validate);

/// Destroys what create_instance made.
void destroy_instance(Instance& instance);

}  // namespace hekla::vulkan
