// The shipped choice of tiles: for the shuffle family the least of a cost model whose constants were measured
// on llvmpipe (Mesa 22.3, an AMD EPYC at about 3 GHz), where it meets the measured times of large and small
// shapes within a tenth or two; for GPUs the largest tile that still gives every unit something to do.
#include "backends/vulkan/matmul_tiles.h"

#include <algorithm>
#include <cmath>

namespace hekla::vulkan {
namespace {

uint64_t ceil_div(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

// Nanoseconds of one thread. A shuffle moves one element of A; a product is a vec4 times 8 lanes.
constexpr double a_fetch_ns = 2;
constexpr double b_fetch_ns = 4;
constexpr double shuffle_ns = 0.15;
constexpr double product_ns = 1.2;
constexpr double store_ns = 39;
// Elements of A that lie across k come in quads of rows, which costs registers where columns fill them
// already.
constexpr double across_k = 1.15;
// What depends on whether tiles have workgroups of their own or are turns of a persistent workgroup's loop:
// the start of one, and of 4 k; and the driver's compiler for each quad that a lane owns and each tensor that
// it is stored to, shared by the runs of some epochs.
struct Overhead {
  double tile_ns, step_ns, compile_ns;
};
constexpr Overhead apart{.tile_ns = 250, .step_ns = 0, .compile_ns = 5e6 / 20'000};
constexpr Overhead persistent{.tile_ns = 60, .step_ns = 6, .compile_ns = 12e6 / 20'000};

double shuffle_cost(const MatmulTiles& tiles, const MatmulSizes& sizes, const TileLimits& limits) {
  double down = tiles.columns < 32 ? 2 : 1;
  double quads = std::max(1u, tiles.columns / 32);
  // Rows beyond the end are left out where there is one tile of them.
  double rows = sizes.rows < tiles.rows ? static_cast<double>(sizes.rows) : tiles.rows;
  double lane_rows = std::ceil(rows / down);
  const Overhead& overhead = limits.persistent ? persistent : apart;
  double step = overhead.step_ns + a_fetch_ns * (tiles.rows / 8) + b_fetch_ns * 4 * quads +
                lane_rows * 4 * (shuffle_ns + product_ns * quads);
  if (!sizes.a_along_k && tiles.columns >= 32) step *= across_k;
  double group =
      overhead.tile_ns + step * static_cast<double>(ceil_div(sizes.inner, 4)) + store_ns * lane_rows * quads;
  // The driver deals workgroups out beforehand, so the thread with one more than the others is waited for.
  // Where tiles are taken one after another, the others wait for half of one.
  const uint32_t threads = std::max(1u, limits.units);
  const uint64_t groups = workgroups(tiles, sizes);
  const double turns = limits.persistent ? static_cast<double>(groups) / threads + 0.5
                                         : static_cast<double>(ceil_div(groups, threads));
  return group * turns + overhead.compile_ns * lane_rows * quads * static_cast<double>(sizes.stores);
}

// In the order of their code size: the driver takes 0.05 s to compile the first and 0.3 s for the last.
constexpr uint32_t shuffle_candidates[][2] = {{16, 16}, {8, 32},  {32, 16}, {16, 32}, {8, 64},  {48, 16},
                                              {24, 32}, {32, 32}, {64, 16}, {16, 64}, {24, 64}, {32, 64}};
// The largest are long to compile and pay in large products only, whose A lies along k.
constexpr uint32_t usual_tile = 1024;
constexpr uint64_t workgroups_of_large = 16;

// Largest first; the last has 16 invocations and 2.5 KiB, which every device has.
constexpr MatmulTiles tiled_candidates[] = {
    {MatmulFamily::tiled, 128, 128, 16, 8, 8},
    {MatmulFamily::tiled, 64, 64, 16, 8, 8},
    {MatmulFamily::tiled, 32, 32, 16, 4, 4},
    {MatmulFamily::tiled, 16, 16, 16, 4, 4},
};
// Invocations of a workgroup of several slices; more were not tried.
constexpr uint32_t most_sliced = 512;

bool fits(const MatmulTiles& tiles, const TileLimits& limits) {
  return shared_bytes(tiles) <= limits.shared_bytes && local_size(tiles) <= limits.invocations;
}

MatmulTiles shuffle_tiles(const MatmulSizes& sizes, const TileLimits& limits) {
  constexpr double worth_it = 0.97;
  MatmulTiles best{
      .family = MatmulFamily::shuffle, .rows = shuffle_candidates[0][0], .columns = shuffle_candidates[0][1]};
  for (const auto& [rows, columns] : shuffle_candidates) {
    MatmulTiles tiles{.family = MatmulFamily::shuffle, .rows = rows, .columns = columns};
    bool large =
        sizes.a_along_k && workgroups(tiles, sizes) >= workgroups_of_large * std::max(1u, limits.units);
    if (rows * columns > usual_tile && !large) continue;
    if (shuffle_cost(tiles, sizes, limits) < worth_it * shuffle_cost(best, sizes, limits)) best = tiles;
  }
  return best;
}

// The largest tile that gives every unit something to do, or else a small one; and where that leaves few
// elements to be worked at, blocks of k are multiplied side by side. On an NVIDIA H200 32 x 784 by 784 x 100
// took 14 us instead of 22; 1024^3, whose tiles are larger, took 73 instead of 65.
MatmulTiles tiled_tiles(const MatmulSizes& sizes, const TileLimits& limits) {
  constexpr std::size_t small = 2, smallest = 3;  // of tiled_candidates: a small tile fits every device
  std::size_t chosen = 0;
  const auto keeps_busy = [&](const MatmulTiles& tiles) {
    return fits(tiles, limits) && workgroups(tiles, sizes) >= limits.units;
  };
  while (chosen < small && !keeps_busy(tiled_candidates[chosen])) ++chosen;
  if (chosen == small && 2 * workgroups(tiled_candidates[small], sizes) < limits.units) chosen = smallest;
  MatmulTiles tiles = tiled_candidates[chosen];
  const uint64_t elements = workgroups(tiles, sizes) * tiles.rows * tiles.columns;
  const uint64_t enough = uint64_t{4096} * limits.units;
  while (elements * tiles.slices < enough && tiles.slices < ceil_div(sizes.inner, tiles.depth)) {
    MatmulTiles sliced = tiles;
    sliced.slices *= 2;
    if (!fits(sliced, limits) || local_size(sliced) > most_sliced) break;
    tiles = sliced;
  }
  return tiles;
}

MatmulTiles cooperative_tiles(const MatmulSizes& sizes, const TileLimits& limits) {
  const MatrixUnit& unit = limits.unit;
  MatmulTiles tiles{.family = MatmulFamily::cooperative, .unit = unit, .lanes = limits.subgroup_size};
  // Deep enough that the barriers between blocks do not count.
  tiles.depth = unit.depth * std::max(1u, 32 / unit.depth);
  for (const uint32_t units : {4u, 2u, 1u}) {
    tiles.rows = 2 * units * unit.rows;
    tiles.columns = 2 * units * unit.columns;
    if (fits(tiles, limits) && (units == 1 || workgroups(tiles, sizes) >= limits.units)) return tiles;
  }
  return tiled_tiles(sizes, limits);
}

}  // namespace

MatmulFamily choose_family(bool is_software, uint32_t subgroup_size, bool can_shuffle) {
  return is_software && subgroup_size == 8 && can_shuffle ? MatmulFamily::shuffle : MatmulFamily::tiled;
}

MatmulTiles choose_tiles(MatmulFamily family, const MatmulSizes& sizes, const TileLimits& limits) {
  switch (family) {
    case MatmulFamily::shuffle:
      return shuffle_tiles(sizes, limits);
    case MatmulFamily::cooperative:
      return cooperative_tiles(sizes, limits);
    case MatmulFamily::tiled:
      break;
  }
  return tiled_tiles(sizes, limits);
}

std::vector<MatmulTiles> candidate_tiles(MatmulFamily family, const TileLimits& limits) {
  std::vector<MatmulTiles> all;
  if (family == MatmulFamily::shuffle) {
    for (const auto& [rows, columns] : shuffle_candidates)
      all.push_back({.family = MatmulFamily::shuffle, .rows = rows, .columns = columns});
    return all;
  }
  for (MatmulTiles tiles : tiled_candidates) {
    for (const uint32_t slices : {1u, 2u, 4u, 8u, 16u}) {
      tiles.slices = slices;
      if (fits(tiles, limits) && (slices == 1 || local_size(tiles) <= most_sliced)) all.push_back(tiles);
    }
  }
  return all;
}

uint64_t workgroups(const MatmulTiles& tiles, const MatmulSizes& sizes) {
  return ceil_div(sizes.rows, tiles.rows) * ceil_div(sizes.columns, tiles.columns) * sizes.batches;
}

uint32_t local_size(const MatmulTiles& tiles) {
  if (tiles.family == MatmulFamily::shuffle) return 8;
  if (tiles.family == MatmulFamily::cooperative) return 4 * tiles.lanes;
  return tiles.slices * (tiles.rows / tiles.thread_rows) * (tiles.columns / tiles.thread_columns);
}

uint32_t a_slots(const MatmulTiles& tiles) {
  if (tiles.family == MatmulFamily::shuffle) return tiles.rows / 8;
  return static_cast<uint32_t>(ceil_div(tiles.rows * tiles.depth / 4, local_size(tiles) / tiles.slices));
}

uint32_t b_slots(const MatmulTiles& tiles, const MatmulSizes& sizes) {
  if (tiles.family == MatmulFamily::shuffle)
    return std::max(1u, tiles.columns / 32) * (sizes.b_along_k ? 4 : 1);
  return static_cast<uint32_t>(ceil_div(tiles.columns * tiles.depth / 4, local_size(tiles) / tiles.slices));
}

uint32_t shared_bytes(const MatmulTiles& tiles) {
  if (tiles.family == MatmulFamily::shuffle) return 0;
  if (tiles.family == MatmulFamily::cooperative) {
    // Of the two ways that a tile may lie, the one with more padded lines.
    const auto padded = [&](uint32_t outer) {
      return 2 * tiles.depth * outer + 16 * std::max(outer, tiles.depth);
    };
    return padded(tiles.rows) + padded(tiles.columns) + 16 * tiles.unit.rows * tiles.unit.columns;
  }
  const uint32_t blocks = (tiles.rows + tiles.columns + 8) * tiles.depth;
  const uint32_t sums = tiles.slices > 1 ? tiles.rows * tiles.columns : 0;
  return 4 * tiles.slices * std::max(blocks, sums);
}

}  // namespace hekla::vulkan
