// One-shot commands: recorded, submitted and waited for in one blocking call.
#pragma once

#include <functional>
#include <string>

#include "backends/vulkan/commands.h"
#include "backends/vulkan/context.h"

namespace hekla::vulkan {

/// Records commands with `record`, submits them and waits until they are finished.
void run_commands(Context& context, const std::string& what,
                  const std::function<void(VkCommandBuffer)>& record);

}  // namespace hekla::vulkan
