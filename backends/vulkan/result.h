// The one gate through which every Vulkan call's result passes, so that each failure names the call, the
// result and what it was about.
#pragma once

#include <volk.h>

#include <string_view>

namespace hekla::vulkan {

/// The specification's name of `result`, e.g. "VK_ERROR_DEVICE_LOST".
std::string_view result_name(VkResult result);

/// Throws hekla::Error naming `call`, the result and `detail` unless `result` is a success.
void check(VkResult result, std::string_view call, std::string_view detail);

}  // namespace hekla::vulkan
