// Validation layers and debug names: what they said, and helpers that name objects and mark command ranges
// for profilers. Everything here does nothing when the machine lacks VK_EXT_debug_utils.
#pragma once

#include <volk.h>

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

namespace hekla::vulkan {

struct Context;

/// Messages of warning or error severity; it outlives its context, so that leaks told at the end are counted.
class ValidationLog {
 public:
  /// Prints `message` to stderr and counts it.
  void add(const char* message);
  int count() const { return count_; }
  /// Messages told to all logs of this process, but for those forgiven.
  static int total();
  /// Takes the messages of this log for meant: a test provoked them.
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

/// A Vulkan handle as the 64-bit number that name_object wants, whatever the platform makes of handles.
template <typename Handle>
uint64_t handle_bits(Handle handle) {
  if constexpr (std::is_pointer_v<Handle>)
    return reinterpret_cast<uint64_t>(handle);
  else
    return static_cast<uint64_t>(handle);
}

}  // namespace hekla::vulkan
