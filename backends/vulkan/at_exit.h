// Shutdown of open devices: at process exit, and in the child of fork().
#pragma once

#include <memory>

namespace hekla::vulkan {

struct Context;

/// Releases devices at process exit: when exit() is called or main returns, stops other threads, releases the
/// default device, and abandons all other objects of `context` to the operating system. Waits for compilation
/// in unfinished submissions, and briefly for their execution. In the child of fork() the context is
/// abandoned at once. Later uses throw (Context::check_usable). Call it after the driver is loaded.
void abandon_at_exit(const std::shared_ptr<Context>& context);

/// Call after a driver compiled something: registers the exit handler anew. Drivers and layers construct
/// static objects while compiling, and the destructors of those run before the destructors of everything
/// constructed earlier.
void note_growth_of_driver();

}  // namespace hekla::vulkan
