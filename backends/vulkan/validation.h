// Validation layers and debug names: collects messages, names objects and labels command ranges for
// profilers. Does nothing on machines without VK_EXT_debug_utils.
#pragma once

#include <volk.h>

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

namespace hekla::vulkan {

struct Context;

/// Messages of warning or error severity. Outlives its context, so that leaks reported at destruction are
/// counted.
class ValidationLog {
 public:
  /// Prints `message` to stderr and counts it.
  void add(const char* message);
  int count() const { return count_; }
  /// The number of messages in all logs of this process, except forgiven ones.
  static int total();
  /// Marks the messages of this log as expected: a test provoked them.
  void forgive();
  std::vector<std::string> messages() const;

 private:
  std::atomic<int> count_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> messages_;
};

/// The messenger that writes into `log`, to be chained to instance creation and created after it.
VkDebugUtilsMessengerCreateInfoEXT messenger_info(ValidationLog& log);

/// Gives a Vulkan object a name that validation messages and profilers show.
void name_object(const Context& context, VkObjectType type, uint64_t handle, const std::string& name);

/// Opens a named range in a command buffer.
void begin_label(const Context& context, VkCommandBuffer commands, const std::string& name);

/// Closes the range opened last.
void end_label(const Context& context, VkCommandBuffer commands);

/// A Vulkan handle as the 64-bit number for name_object(), whatever the handle type of the platform.
template <typename Handle>
uint64_t handle_bits(Handle handle) {
  if constexpr (std::is_pointer_v<Handle>)
    return reinterpret_cast<uint64_t>(handle);
  else
    return static_cast<uint64_t>(handle);
}

}  // namespace hekla::vulkan
