// The HEKLA_* environment variables that concern the Vulkan device alone; read once, never written.
#pragma once

#include <optional>
#include <string>

namespace hekla::vulkan {

/// HEKLA_PROFILE: a file whose entries take the place of those of the device's profile (see profile.h); or
/// empty.
const std::string& profile_file();

/// HEKLA_TUNE: 0 or empty, 1, or a folder of stored choices (see TuneOptions).
const std::string& tune_choice();

/// HEKLA_TRACE: the file that receives the measured times of all kernels as a trace; or empty.
const std::string& trace_file();

/// HEKLA_MATRIX_UNITS=0 multiplies f16 and bf16 without the matrix units of a device, =1 with them also where
/// they are not the quicker way (on a software device).
std::optional<bool> matrix_units_wanted();

/// HEKLA_PERSISTENT=0 gives each kernel a dispatch of its own also where small ones would share one.
bool persistent_wanted();

/// HEKLA_PIN=0 leaves the threads of a software driver on whichever processors the system puts them.
bool pins_threads();

}  // namespace hekla::vulkan
