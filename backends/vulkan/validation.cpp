// The debug-utils callback and its log.
#include "backends/vulkan/validation.h"

#include <fmt/format.h>

#include <cstdio>

#include "backends/vulkan/context.h"

namespace hekla::vulkan {
namespace {

constexpr std::size_t kept_messages = 100;

VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT,
                                          VkDebugUtilsMessageTypeFlagsEXT,
                                          const VkDebugUtilsMessengerCallbackDataEXT* data, void* log) {
  static_cast<ValidationLog*>(log)->add(data->pMessage != nullptr ? data->pMessage : "(no text)");
  return VK_FALSE;
}

}  // namespace

namespace {

std::atomic<int> total_messages = 0;

}  // namespace

int ValidationLog::total() { return total_messages; }

void ValidationLog::forgive() { total_messages -= count_.exchange(0); }

void ValidationLog::add(const char* message) {
  ++total_messages;
  ++count_;
  std::lock_guard lock(mutex_);
  fmt::print(stderr, "[validation] {}\n", message);
  if (messages_.size() < kept_messages) messages_.emplace_back(message);
}

std::vector<std::string> ValidationLog::messages() const {
  std::lock_guard lock(mutex_);
  return messages_;
}

VkDebugUtilsMessengerCreateInfoEXT messenger_info(ValidationLog& log) {
  VkDebugUtilsMessengerCreateInfoEXT info{};
  info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT;
  info.messageSeverity =
      VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
  // Excludes the general type, in which the loader reports on layers and drivers that are not ours.
  info.messageType =
      VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT;
  info.pfnUserCallback = on_message;
  info.pUserData = &log;
  return info;
}

void name_object(const Context& context, VkObjectType type, uint64_t handle, const std::string& name) {
  if (context.set_object_name == nullptr || handle == 0) return;
  VkDebugUtilsObjectNameInfoEXT info{};
  info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT;
  info.objectType = type;
  info.objectHandle = handle;
  info.pObjectName = name.c_str();
  // A failure to set a name is ignored.
  static_cast<void>(context.set_object_name(context.device, &info));
}

void begin_label(const Context& context, VkCommandBuffer commands, const std::string& name) {
  if (context.begin_command_label == nullptr) return;
  VkDebugUtilsLabelEXT label{};
  label.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_LABEL_EXT;
  label.pLabelName = name.c_str();
  context.begin_command_label(commands, &label);
}

void end_label(const Context& context, VkCommandBuffer commands) {
  if (context.end_command_label != nullptr) context.end_command_label(commands);
}

}  // namespace hekla::vulkan
