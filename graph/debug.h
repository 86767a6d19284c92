// The HEKLA_* environment variables that concern the compiler and its devices; read once, never written.
#pragma once

#include <string>

namespace hekla {

/// HEKLA_DEBUG: 0 silent; 1 plan and memory of each compiled computation; 2 time of each kernel; 3 the graph
/// after each pass that changed it; 4 the generated GLSL.
int debug_level();

/// HEKLA_DUMP: the folder that receives plan.txt, graph.dot and the kernels of each compiled computation; or
/// empty.
const std::string& dump_folder();

/// HEKLA_FUSE=0 makes every node a kernel of its own.
bool fusion_enabled();

/// HEKLA_TUNE: 0 or empty, 1, or a folder of stored choices; for the device to understand.
const std::string& tune_choice();

/// HEKLA_TRACE: the file that receives the measured times of all kernels as a trace; or empty.
const std::string& trace_file();

/// HEKLA_MATRIX_UNITS=0 multiplies f16 and bf16 without the matrix units of a device, =1 with them also where
/// they are not the quicker way (on a software device); -1 where it says neither.
int matrix_units_wanted();

/// HEKLA_PERSISTENT=0 gives each kernel a dispatch of its own also where small ones would share one.
bool persistent_wanted();

/// HEKLA_PIN=0 leaves the threads of a software driver on whichever processors the system puts them.
bool pins_threads();

}  // namespace hekla
