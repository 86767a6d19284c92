// The HEKLA_* environment variables that concern the Vulkan device alone; read once, never written.
#pragma once

#include <optional>
#include <string>

namespace hekla::vulkan {

/// HEKLA_PROFILE: a file whose entries override those of the device's profile (see profile.h); or empty.
const std::string& profile_file();

/// HEKLA_TUNE: 0 or empty, 1, or a folder of stored choices (see TuneOptions).
const std::string& tune_choice();

/// HEKLA_MATRIX_UNITS=0 disables a device's matrix units for f16 and bf16. =1 enables them also where they
/// are slower (on a software device).
std::optional<bool> matrix_units_wanted();

/// HEKLA_PERSISTENT=0 disables persistent workgroups: each kernel gets a dispatch of its own.
bool persistent_wanted();

/// HEKLA_PIN=0 disables pinning: threads of a software driver keep the scheduler's placement.
bool pins_threads();

}  // namespace hekla::vulkan
