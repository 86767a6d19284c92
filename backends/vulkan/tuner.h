// Tuner (autotuning): chooses the tiles of a matrix product by timing candidates on the device once.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backends/vulkan/buffer.h"
#include "backends/vulkan/emit.h"
#include "graph/run/bounded_cache.h"

namespace hekla::vulkan {

/// The tuning options of HEKLA_TUNE.
struct TuneOptions {
  std::filesystem::path folder;  // of the stored choices, a file for each
  double seconds = 0;            // time budget for timing; a kernel that was started is finished

  /// "" and "0": nothing, so that the shipped tiles are used. "1": the stored choices below `cache_folder`,
  /// and ten seconds to time more. Otherwise a folder of stored choices, which is read-only.
  static std::optional<TuneOptions> from(const std::string& text, const std::filesystem::path& cache_folder);
};

/// Choices are keyed by device, driver and the kernel's text, which contains its sizes, its layout and all
/// other results of code generation. Another version of any of these finds no stored choice and times again.
class Tuner {
 public:
  Tuner(std::shared_ptr<BufferPool> pool, const Target& target, TuneOptions options);

  /// The tiles for a matrix product whose family has candidates: stored ones, else timed ones while the time
  /// budget lasts, else the shipped ones.
  MatmulTiles tiles_for(const Kernel& kernel, const std::vector<Slot>& slots);
  /// Stores a choice.
  void store(const Kernel& kernel, const std::vector<Slot>& slots, const MatmulTiles& tiles);
  /// The number of kernels timed so far.
  int timed() const { return timed_; }

 private:
  std::string name_of(const Kernel& kernel, const std::vector<Slot>& slots) const;
  std::vector<MatmulTiles> candidates_for(const Kernel& kernel) const;
  MatmulTiles shipped_for(const Kernel& kernel) const;
  std::optional<MatmulTiles> stored(const std::string& name,
                                    const std::vector<MatmulTiles>& candidates) const;
  MatmulTiles fastest(const Kernel& kernel, const std::vector<Slot>& slots);

  std::shared_ptr<BufferPool> pool_;
  Target target_;
  TuneOptions options_;
  std::mutex mutex_;
  BoundedCache<std::string, MatmulTiles> known_{std::size_t{1} << 20};
  int timed_ = 0;
};

}  // namespace hekla::vulkan
