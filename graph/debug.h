// The HEKLA_* environment variables that concern the compiler and every device; read once, never written.
#pragma once

#include <optional>
#include <string>

namespace hekla {

/// HEKLA_DEBUG: 0 silent; 1 plan and memory of each compiled computation; 2 time of each kernel; 3 the graph
/// after each pass that changed it; 4 the generated GLSL. Throws hekla::Error on another value.
int debug_level();

/// HEKLA_DUMP: the folder that receives plan.txt, graph.dot and the kernels of each compiled computation; or
/// empty.
const std::string& dump_folder();

/// HEKLA_FUSE=0 makes every node a kernel of its own.
bool fusion_enabled();

/// The value of an environment variable, or `otherwise` where it is not set.
std::string environment(const char* variable, const char* otherwise);

/// True for 1, false for 0, nothing where the variable is not set or empty. Throws hekla::Error `[variable] ...`
/// on another value.
std::optional<bool> environment_switch(const char* variable);

}  // namespace hekla
