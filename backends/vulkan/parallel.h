// Work divided among threads.
#pragma once

#include <cstddef>
#include <functional>

namespace hekla::vulkan {

/// Calls work(i) for each i < count on all processors and returns when all calls have ended. Throws what the call with the
/// smallest i threw. While the process ends, calls that have not begun are left out.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace hekla::vulkan
