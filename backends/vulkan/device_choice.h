// Device selection: which Vulkan device to use. A pure function over device descriptions, so that the choice
// and its reasons can be tested and printed without a device.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hekla::vulkan {

enum class DeviceType { discrete, integrated, virtual_gpu, cpu, other };

/// One Vulkan device of the machine, and the reason why it was chosen or rejected.
struct DeviceReport {
  int index = 0;
  std::string name;
  DeviceType type = DeviceType::other;
  std::string api;         // "1.3.230"
  std::string driver;      // "llvmpipe, Mesa 22.3.6 (LLVM 15.0.6)"
  std::string unsuitable;  // why it cannot be used at all; empty when it can
  bool chosen = false;
  std::string reason;
};

/// "discrete", "integrated", "virtual", "cpu" or "other".
std::string_view type_name(DeviceType type);

/// Selects a device by `selector` ("" automatic, an index, "gpu", "cpu", or a case-insensitive part of the
/// name). Writes `chosen` and `reason` into every report and returns the index of the chosen one; throws when
/// none matches.
std::size_t choose_device(std::span<DeviceReport> reports, std::string_view selector);

/// One line per device, the chosen one marked with '*'.
std::string describe(std::span<const DeviceReport> reports);

}  // namespace hekla::vulkan
