// What becomes of open devices when the process ends.
#pragma once

#include <memory>

namespace hekla::vulkan {

struct Context;

/// Lets go of the default device at exit, and leaves to the system what tensors, programs and devices of
/// static life still hold of `context` then. To be called when the driver is loaded, since what is registered
/// later runs earlier; may be called again.
void abandon_at_exit(const std::shared_ptr<Context>& context);

}  // namespace hekla::vulkan
