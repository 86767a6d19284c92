// Profile: a device as the compiler and the emitter see it. The table of devices is in profile.cpp; a new
// kind of device is a row there.
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
  compiler::DeviceProfile compiler;  // what plans are made by
  Target target;                     // how kernels are printed
  /// After how many steps of a plan its small kernels share a dispatch, whose shader is long to compile.
  std::int64_t shared_dispatch_after = 200;
  std::size_t pipeline_bytes = 100'000;  // of the host's memory that the driver keeps for one pipeline
};

/// The profile of a device: its row, then HEKLA_PERSISTENT, HEKLA_MATRIX_UNITS and HEKLA_PROFILE.
Profile profile_of(const Context& context);

/// Brings a profile within what the device can do.
void keep_within(Profile& profile, const Context& context);

/// The entries that HEKLA_PROFILE may set.
std::vector<compiler::ProfileField> fields_of(Profile& profile);

}  // namespace hekla::vulkan
