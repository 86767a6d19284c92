// Error checking of Vulkan calls: every result passes through check(), so that each failure names the call,
// the result and its subject.
#pragma once

#include <volk.h>

#include <string_view>

namespace hekla::vulkan {

/// The specification's name of `result`, e.g. "VK_ERROR_DEVICE_LOST".
std::string_view result_name(VkResult result);

/// Throws hekla::Error naming `call`, the result and `detail`, unless `result` is a success code.
void check(VkResult result, std::string_view call, std::string_view detail);

}  // namespace hekla::vulkan
