// The threads with which a software driver computes: how they treat denormals, and each on a processor of its
// own.
#pragma once

#include <cstdint>
#include <vector>

namespace hekla::vulkan {

/// While it lives, this thread takes numbers too small for f32's full precision for zero, and so does for
/// ever each thread that it makes meanwhile. llvmpipe leaves such denormals on in the threads that run
/// compute shaders, and there an operation on one of them takes many times as long: Adam's averages of
/// gradients that have become zero shrink to denormals within a few hundred steps. Vulkan lets a device do
/// either.
class FlushDenormals {
 public:
  FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;
  ~FlushDenormals();

 private:
  std::uint64_t before_;  // the processor's control register
};

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
