// Threads of a software driver: denormal flushing and CPU affinity.
#pragma once

#include <cstdint>
#include <vector>

namespace hekla::vulkan {

/// Flushes denormals to zero (FTZ, DAZ) in this thread during its lifetime, and permanently in each thread
/// created meanwhile. llvmpipe leaves f32 denormals enabled in the threads that run compute shaders, where
/// each operation on one takes many times as long. Adam's averages of gradients that became zero shrink to
/// denormals within a few hundred steps. Vulkan allows either behaviour.
class FlushDenormals {
 public:
  FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;
  ~FlushDenormals();

 private:
  std::uint64_t before_;  // the saved control register of the processor
};

/// The thread ids of this process, sorted; empty on systems that do not report them.
std::vector<int> threads_of_process();

/// Pins threads to processors: each unnamed thread created since `before` gets one of the processors that the
/// process may use, round robin. Requires at least two processors and three such threads: one that takes
/// commands, others that compute.
///
/// llvmpipe wakes all its threads for each dispatch and partitions the work statically. Linux tends to wake
/// two of them on one processor and to leave another idle; its load balancing reacts later than a dispatch
/// lasts.
void spread_over_processors(const std::vector<int>& before);

}  // namespace hekla::vulkan
