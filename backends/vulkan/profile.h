// Profile: the device properties that the compiler and the emitter use. The table of devices is in
// profile.cpp; support for a new kind of device is a row there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "backends/vulkan/context.h"
#include "backends/vulkan/emit.h"
#include "graph/compiler/profile.h"
#include "graph/compiler/profile_fields.h"

namespace hekla::vulkan {

struct Profile {
  std::string name;                  // of its row
  compiler::DeviceProfile compiler;  // used by the planner
  Target target;                     // used by the code generator
  /// A plan's kernels are compiled anew, into ones that run faster and take longer to compile, once it has been in use
  /// this many times as long as it took to prepare. 0: they are compiled so at once.
  double improve_after = 0;
  std::uint32_t compile_devices = 0;     // further devices that compile, see compile_ahead.h
  std::size_t pipeline_bytes = 100'000;  // host memory that the driver holds per pipeline
};

/// The profile of a device: its row, then overrides by HEKLA_PERSISTENT, HEKLA_MATRIX_UNITS and
/// HEKLA_PROFILE.
Profile profile_of(const Context& context);

/// The profile for any device of Vulkan 1.1, made of the limits that each has.
Profile profile_of_any_device();

/// Clamps a profile to the limits of the device.
void keep_within(Profile& profile, const Context& context);

/// The profile fields that HEKLA_PROFILE may set.
std::vector<compiler::ProfileField> fields_of(Profile& profile);

}  // namespace hekla::vulkan
