// Commands that are recorded, run and waited for at once.
#pragma once

#include <functional>
#include <string>

#include "backends/vulkan/commands.h"
#include "backends/vulkan/context.h"

namespace hekla::vulkan {

/// Records commands by `record`, submits them and waits until they are done.
void run_commands(Context& context, const std::string& what,
                  const std::function<void(VkCommandBuffer)>& record);

}  // namespace hekla::vulkan
