// The GLSL to SPIR-V compiler, in process. Each source is compiled once: results are cached in memory and on
// disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "backends/common/code.h"
#include "graph/run/bounded_cache.h"

namespace hekla::vulkan {

using namespace backend;

/// Compiles a compute shader for Vulkan 1.1 (SPIR-V 1.3), caching the result in memory and in
/// default_cache_folder(). An error shows the offending line. It names the operation that the line comes from,
/// or else the kernel, `label`. `was_cached`, if given, tells whether it was found in a cache.
std::vector<uint32_t> compile_glsl(const std::string& source, const std::string& label,
                                   const SourceMap& source_map = {}, bool* was_cached = nullptr);

/// Compiles without any cache.
std::vector<uint32_t> compile_glsl_uncached(const std::string& source, const std::string& label,
                                            const SourceMap& source_map = {});

/// A cache of compiled shaders: recent ones in memory, all in `folder` (none when empty). Thread-safe.
class SpirvCache {
 public:
  explicit SpirvCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The SPIR-V of `source`, compiled on a cache miss.
  std::vector<uint32_t> get(const std::string& source, const std::string& label,
                            const SourceMap& source_map = {}, bool* was_cached = nullptr);

  /// The number of cache misses so far: sources that were compiled.
  int compiled() const;

 private:
  std::filesystem::path folder_;
  mutable std::mutex mutex_;
  BoundedCache<std::string, std::vector<uint32_t>> known_{std::size_t{32} << 20};
  int compiled_ = 0;
};

/// The file name of `source` in the disk cache.
std::string spirv_file_name(const std::string& source);

}  // namespace hekla::vulkan
