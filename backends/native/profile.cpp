#include "backends/native/profile.h"

#include <algorithm>
#include <fstream>
#include <limits>

namespace hekla::native {

namespace {

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "processor";
}

Target target_of_processor() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return {.vector_bytes = 64, .registers = 32};
  if (__builtin_cpu_supports("avx2")) return {.vector_bytes = 32, .registers = 16};
  return {.vector_bytes = 16, .registers = 16};
#else
  return {.vector_bytes = 16, .registers = 32};
#endif
}

}  // namespace

Profile profile_of_processor() {
  Profile profile{.name = processor_name(), .compiler = {}, .target = target_of_processor()};
  DeviceProfile& p = profile.compiler;
  const Target& target = profile.target;
  p.quads = false;
  // A barrier of threads that spin takes about a microsecond, in which two processors do this many additions.
  p.dispatch_work = 30'000;
  p.store_work = 4;
  // A processor folds as fast as it reads, and items side by side. Only what takes a fraction of a millisecond is split.
  p.longest_reduction = std::numeric_limits<std::int32_t>::max();
  p.shortest_split_reduction = 1 << 17;
  p.enough_reduction_outputs = 32;
  // Panels of a factor along so much of the inner axis stay in a level-2 cache.
  p.longest_product = 4096;
  p.max_iterations = std::numeric_limits<std::int32_t>::max();
  p.max_bindings = std::numeric_limits<int>::max();
  p.narrowest_tile = target.vector_bytes / 4;
  p.arena_alignment = 128;
  return profile;
}

}  // namespace hekla::native
