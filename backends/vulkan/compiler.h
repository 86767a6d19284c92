// GLSL text to SPIR-V, in this process, each text once: what was compiled is kept in memory and on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "graph/run/bounded_cache.h"

namespace hekla::vulkan {

/// Compiles a compute shader for Vulkan 1.1 (SPIR-V 1.3), keeping the result in the process and in
/// default_cache_folder(); `label` names the kernel in an error, which shows the offending line.
std::vector<uint32_t> compile_glsl(const std::string& source, const std::string& label);

/// Compiles without any cache.
std::vector<uint32_t> compile_glsl_uncached(const std::string& source, const std::string& label);

/// Compiled shaders, the recent ones in memory and in `folder` (none when empty). Safe to share between
/// threads.
class SpirvCache {
 public:
  explicit SpirvCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The SPIR-V of `source`, compiled when it is found nowhere.
  std::vector<uint32_t> get(const std::string& source, const std::string& label);

  /// How many sources had to be compiled so far.
  int compiled() const;

 private:
  std::filesystem::path folder_;
  mutable std::mutex mutex_;
  BoundedCache<std::string, std::vector<uint32_t>> known_{std::size_t{32} << 20};
  int compiled_ = 0;
};

/// The name under which `source` is kept on disk.
std::string spirv_file_name(const std::string& source);

}  // namespace hekla::vulkan
