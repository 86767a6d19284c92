// What becomes of open devices when the process ends, and in the child of a fork.
#pragma once

#include <memory>

namespace hekla::vulkan {

struct Context;

/// Ends what other threads compute, lets go of the default device and leaves to the system what else is held
/// of `context`, when exit() is called or main returns. What submissions compile is waited for, and for a
/// moment what they compute. In the child of a fork it is left at once. Whoever wants anything of it from
/// then on is told by Context::check_usable. To be called when the driver is loaded.
void abandon_at_exit(const std::shared_ptr<Context>& context);

/// To be called when something was given to a driver to compile. For that, drivers and layers make static
/// objects of their own, which end before whatever was there earlier.
void note_growth_of_driver();

}  // namespace hekla::vulkan
