// Commands: recorded, submitted and waited for in one blocking call, and the barrier between kernels.
#pragma once

#include <functional>
#include <string>

#include "backends/vulkan/commands.h"
#include "backends/vulkan/context.h"

namespace hekla::vulkan {

/// Records commands with `record`, submits them and waits until they are finished.
void run_commands(Context& context, const std::string& what,
                  const std::function<void(VkCommandBuffer)>& record);

/// A full compute barrier: makes earlier writes of shaders and copies visible to later commands, and prevents reordering
/// across it.
void compute_barrier(VkCommandBuffer commands);

}  // namespace hekla::vulkan
