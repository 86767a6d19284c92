// The threads with which a software driver computes, each on a processor of its own.
#pragma once

#include <vector>

namespace hekla::vulkan {

/// The threads of this process, sorted by number; none on systems that do not tell.
std::vector<int> threads_of_process();

/// Gives each thread that was made since `before` and bears no name of its own one of the processors that the
/// process may use, in turn, where there are two of these at least and three such threads: one that takes
/// commands, others that compute.
///
/// llvmpipe wakes all its threads for each dispatch, and shares the work out beforehand. Linux tends to wake
/// two of them on one processor and to leave another idle; its balancing comes later than a dispatch lasts.
void spread_over_processors(const std::vector<int>& before);

}  // namespace hekla::vulkan
