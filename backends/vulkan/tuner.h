// Tuner: which tiles a matrix product takes, from timing them on the device once.
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

/// What HEKLA_TUNE says.
struct TuneOptions {
  std::filesystem::path folder;  // of the stored choices, a file for each
  double seconds = 0;            // for timing what is not stored; a kernel that was begun is finished

  /// "" and "0": nothing, which means the shipped tiles. "1": the choices below
  /// `cache_folder`, and ten seconds for more of them. Else a folder with such choices, which are used and
  /// never added to.
  static std::optional<TuneOptions> from(const std::string& text, const std::filesystem::path& cache_folder);
};

/// Choices are kept by device, driver and the kernel's text, which holds its sizes, its layout and whatever
/// the generator makes of them: another version of any of these finds nothing and starts anew.
class Tuner {
 public:
  Tuner(std::shared_ptr<BufferPool> pool, const Target& target, TuneOptions options);

  /// Tiles for a matrix product whose family has candidates: stored ones, timed ones while there is time, else the shipped ones.
  MatmulTiles tiles_for(const Kernel& kernel, const std::vector<Slot>& slots);
  /// Stores a choice.
  void store(const Kernel& kernel, const std::vector<Slot>& slots, const MatmulTiles& tiles);
  /// Kernels that were timed so far.
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
