#include "backends/vulkan/matmul_tiles.h"

#include "backends/vulkan/matmul_family.h"

namespace hekla::vulkan {

bool fits(const MatmulTiles& tiles, const TileLimits& limits) {
  return shared_bytes(tiles) <= limits.shared_bytes && local_size(tiles) <= limits.invocations;
}

uint64_t workgroups(const MatmulTiles& tiles, const MatmulSizes& sizes) {
  const auto covering = [](uint64_t size, uint64_t tile) { return (size + tile - 1) / tile; };
  return covering(sizes.rows, tiles.rows) * covering(sizes.columns, tiles.columns) * sizes.batches;
}

uint32_t local_size(const MatmulTiles& tiles) { return tiles.family->local_size(tiles); }

uint32_t shared_bytes(const MatmulTiles& tiles) { return tiles.family->shared_bytes(tiles); }

}  // namespace hekla::vulkan
