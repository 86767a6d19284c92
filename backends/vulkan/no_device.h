// Errors for machines on which Vulkan finds no usable device.
#pragma once

#include <string_view>

namespace hekla::vulkan {

/// Throws hekla::Error: `fact`, and what to install or run instead.
[[noreturn]] void throw_no_device(std::string_view fact);

/// The same when the loader found no working driver; distinguishes a missing driver from one that is listed
/// but cannot be loaded.
[[noreturn]] void throw_no_driver();

}  // namespace hekla::vulkan
