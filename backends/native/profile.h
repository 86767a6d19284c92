// The processor as numbers.
#pragma once

#include <string>

#include "backends/native/emit.h"
#include "graph/compiler/profile.h"

namespace hekla::native {

/// What the planner and the emitter know about this machine.
struct Profile {
  std::string name;  // of the processor
  DeviceProfile compiler;
  Target target;
};

Profile profile_of_processor();

}  // namespace hekla::native
