// The errors for machines on which Vulkan finds nothing to run on.
#pragma once

#include <string_view>

namespace hekla::vulkan {

/// Throws hekla::Error: `fact`, and what to install or to run instead.
[[noreturn]] void throw_no_device(std::string_view fact);

/// The same where the loader found no driver that works; tells one that is missing from one that is listed
/// and cannot be loaded.
[[noreturn]] void throw_no_driver();

}  // namespace hekla::vulkan
