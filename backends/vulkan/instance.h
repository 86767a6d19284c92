// The Vulkan instance: loads Vulkan and creates an instance, with validation on request.
#pragma once

#include <volk.h>

#include <memory>

#include "backends/vulkan/validation.h"

namespace hekla::vulkan {

struct Instance {
  VkInstance handle = VK_NULL_HANDLE;
  uint32_t api_version = 0;  // maximum version to use of a device
  bool debug_utils = false;
  VkDebugUtilsMessengerEXT messenger = VK_NULL_HANDLE;
  std::shared_ptr<ValidationLog> log;  // null without validation
};

/// Creates an instance; throws hekla::Error when Vulkan, or a requested validation layer, is not installed.
Instance create_instance(bool validate);

/// Destroys what create_instance made.
void destroy_instance(Instance& instance);

}  // namespace hekla::vulkan
