// Matrix products for every device: tiles of both factors in shared memory, a register tile per invocation
// (shaders/matmul_tiled.comp).
#include <algorithm>

#include "backends/vulkan/emit.h"
#include "backends/vulkan/matmul_family.h"
#include "shaders/shaders.h"

namespace hekla::vulkan {

namespace {

uint64_t ceil_div(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

// Largest first; the last has 16 invocations and 2.5 KiB, which every device has.
constexpr MatmulTiles tiled_candidates[] = {
    {&tiled_matmul, 128, 128, 16, 8, 8},
    {&tiled_matmul, 64, 64, 16, 8, 8},
    {&tiled_matmul, 32, 32, 16, 4, 4},
    {&tiled_matmul, 16, 16, 16, 4, 4},
};
// Maximum workgroup size with several slices; larger ones were not tried.
constexpr uint32_t most_sliced = 512;

// Chooses the largest tile that occupies every unit, or else a small one. Where that leaves few elements in
// flight, k is split into slices whose blocks are multiplied concurrently (split-K). On an NVIDIA H200 32 x
// 784 by 784 x 100 took 14 us instead of 22; 1024^3, whose tiles are larger, took 73 instead of 65.
MatmulTiles choose(const MatmulSizes& sizes, const TileLimits& limits) {
  constexpr std::size_t small = 2, smallest = 3;  // of tiled_candidates: a small tile fits every device
  std::size_t chosen = 0;
  const auto keeps_busy = [&](const MatmulTiles& tiles) {
    return fits(tiles, limits) && workgroups(tiles, sizes) >= limits.compute_units;
  };
  while (chosen < small && !keeps_busy(tiled_candidates[chosen])) ++chosen;
  if (chosen == small && 2 * workgroups(tiled_candidates[small], sizes) < limits.compute_units)
    chosen = smallest;
  MatmulTiles tiles = tiled_candidates[chosen];
  const uint64_t elements = workgroups(tiles, sizes) * tiles.rows * tiles.columns;
  const uint64_t enough = uint64_t{4096} * limits.compute_units;
  while (elements * tiles.slices < enough && tiles.slices < ceil_div(sizes.inner, tiles.depth)) {
    MatmulTiles sliced = tiles;
    sliced.slices *= 2;
    if (!fits(sliced, limits) || local_size(sliced) > most_sliced) break;
    tiles = sliced;
  }
  return tiles;
}

std::vector<MatmulTiles> candidates(const TileLimits& limits) {
  std::vector<MatmulTiles> all;
  for (MatmulTiles tiles : tiled_candidates) {
    for (const uint32_t slices : {1u, 2u, 4u, 8u, 16u}) {
      tiles.slices = slices;
      if (fits(tiles, limits) && (slices == 1 || local_size(tiles) <= most_sliced)) all.push_back(tiles);
    }
  }
  return all;
}

std::uint32_t invocations(const MatmulTiles& tiles) {
  return tiles.slices * (tiles.rows / tiles.thread_rows) * (tiles.columns / tiles.thread_columns);
}

std::uint32_t bytes(const MatmulTiles& tiles) {
  const uint32_t blocks = (tiles.rows + tiles.columns + 8) * tiles.depth;
  const uint32_t sums = tiles.slices > 1 ? tiles.rows * tiles.columns : 0;
  return 4 * tiles.slices * std::max(blocks, sums);
}

// The number of quads of a block that one invocation of a slice loads.
std::uint32_t slots(const MatmulTiles& tiles, std::uint32_t outer) {
  return static_cast<uint32_t>(ceil_div(outer * tiles.depth / 4, invocations(tiles) / tiles.slices));
}

void define(Definitions& definitions, const MatmulTiles& tiles, const MatmulSizes&, const Target&, DType) {
  definitions.define("TILE_M", tiles.rows);
  definitions.define("TILE_N", tiles.columns);
  definitions.define("TILE_K", tiles.depth);
  definitions.define("THREAD_M", tiles.thread_rows);
  definitions.define("THREAD_N", tiles.thread_columns);
  definitions.define("SLICES", std::to_string(tiles.slices));
}

}  // namespace

const MatmulFamily tiled_matmul{
    .name = "tiled",
    .priority = 0,
    .skeleton = [] { return shader_text("matmul_tiled.comp"); },
    .supports = [](const Target&, DType) { return true; },
    .choose = choose,
    .candidates = candidates,
    .local_size = invocations,
    .shared_bytes = bytes,
    .a_slots = [](const MatmulTiles& tiles) { return slots(tiles, tiles.rows); },
    .b_slots = [](const MatmulTiles& tiles, const MatmulSizes&) { return slots(tiles, tiles.columns); },
    .define = define};

}  // namespace hekla::vulkan
