// Matrix products for devices whose subgroup has 8 lanes and whose shared memory is emulated (llvmpipe): a
// register tile per subgroup, with elements of A broadcast by subgroup shuffles
// (shaders/matmul_shuffle.comp).
//
// Tiles minimise a cost model whose constants were measured on llvmpipe (Mesa 22.3, an AMD EPYC at about 3
// GHz). It matches the measured times of large and small shapes there within 10 to 20 percent.
#include <algorithm>
#include <cmath>

#include "backends/vulkan/emit.h"
#include "backends/vulkan/matmul_family.h"
#include "shaders/shaders.h"

namespace hekla::vulkan {

namespace {

uint64_t ceil_div(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

// Costs in nanoseconds of one thread. A shuffle moves one element of A; a product is a vec4 times 8 lanes.
constexpr double a_fetch_ns = 2;
constexpr double b_fetch_ns = 4;
constexpr double shuffle_ns = 0.15;
constexpr double product_ns = 1.2;
constexpr double store_ns = 39;
// The cost factor for A across k: its elements come in quads of rows, which adds register pressure where
// columns already fill the registers.
constexpr double across_k = 1.15;
// Costs that differ between one workgroup per tile and tiles as iterations of a persistent workgroup's loop:
// starting a tile, and a step of 4 k. The compile cost is per quad that a lane owns and per tensor that it is
// stored to.
struct Overhead {
  double tile_ns, step_ns, compile_ns;
};
constexpr Overhead apart{.tile_ns = 250, .step_ns = 0, .compile_ns = 5e6};
constexpr Overhead persistent{.tile_ns = 60, .step_ns = 6, .compile_ns = 12e6};

double shuffle_cost(const MatmulTiles& tiles, const MatmulSizes& sizes, const TileLimits& limits) {
  double down = tiles.columns < 32 ? 2 : 1;
  double quads = std::max(1u, tiles.columns / 32);
  // Out-of-range rows are skipped when there is only one tile of rows.
  double rows = sizes.rows < tiles.rows ? static_cast<double>(sizes.rows) : tiles.rows;
  double lane_rows = std::ceil(rows / down);
  const Overhead& overhead = limits.persistent ? persistent : apart;
  double step = overhead.step_ns + a_fetch_ns * (tiles.rows / 8) + b_fetch_ns * 4 * quads +
                lane_rows * 4 * (shuffle_ns + product_ns * quads);
  if (!sizes.a_along_k && tiles.columns >= 32) step *= across_k;
  double group =
      overhead.tile_ns + step * static_cast<double>(ceil_div(sizes.inner, 4)) + store_ns * lane_rows * quads;
  // Load imbalance: the driver assigns workgroups statically, so the thread with one more than the others
  // determines the time. With tiles claimed dynamically, the others wait for half a tile on average.
  const uint32_t threads = std::max(1u, limits.compute_units);
  const uint64_t groups = workgroups(tiles, sizes);
  const double turns = limits.persistent ? static_cast<double>(groups) / threads + 0.5
                                         : static_cast<double>(ceil_div(groups, threads));
  const double compiling = overhead.compile_ns * lane_rows * quads * static_cast<double>(sizes.stores);
  return group * turns + compiling / limits.expected_runs;
}

// Ordered by code size: the driver takes 0.05 s to compile the first and 0.3 s for the last.
constexpr uint32_t shuffle_candidates[][2] = {{16, 16}, {8, 32},  {32, 16}, {16, 32}, {8, 64},  {48, 16},
                                              {24, 32}, {32, 32}, {64, 16}, {16, 64}, {24, 64}, {32, 64}};
// The largest tiles take long to compile and pay off only in large products whose A is contiguous along k.
constexpr uint32_t usual_tile = 1024;
constexpr uint64_t workgroups_of_large = 16;

MatmulTiles choose(const MatmulSizes& sizes, const TileLimits& limits) {
  constexpr double worth_it = 0.97;
  MatmulTiles best{
      .family = &shuffle_matmul, .rows = shuffle_candidates[0][0], .columns = shuffle_candidates[0][1]};
  for (const auto& [rows, columns] : shuffle_candidates) {
    MatmulTiles tiles{.family = &shuffle_matmul, .rows = rows, .columns = columns};
    bool large = sizes.a_along_k &&
                 workgroups(tiles, sizes) >= workgroups_of_large * std::max(1u, limits.compute_units);
    if (rows * columns > usual_tile && !large) continue;
    if (shuffle_cost(tiles, sizes, limits) < worth_it * shuffle_cost(best, sizes, limits)) best = tiles;
  }
  return best;
}

std::vector<MatmulTiles> candidates(const TileLimits&) {
  std::vector<MatmulTiles> all;
  for (const auto& [rows, columns] : shuffle_candidates)
    all.push_back({.family = &shuffle_matmul, .rows = rows, .columns = columns});
  return all;
}

void define(Definitions& definitions, const MatmulTiles& tiles, const MatmulSizes& sizes,
            const Target& target, DType) {
  definitions.extensions = "#extension GL_KHR_shader_subgroup_shuffle : require\n";
  definitions.define("ROWS", tiles.rows);
  definitions.define("COLUMNS", tiles.columns);
  definitions.define("UNROLLED_STORES", std::string(target.unrolled_stores ? "1" : "0"));
  constexpr std::uint64_t cached = std::uint64_t{1} << 17;  // elements: half of a processor's private cache
  definitions.define("DOWN_FIRST", std::string(sizes.inner * sizes.columns > cached ? "1" : "0"));
}

}  // namespace

const MatmulFamily shuffle_matmul{.name = "shuffle",
                                  .priority = 1,
                                  .skeleton = [] { return shader_text("matmul_shuffle.comp"); },
                                  .supports =
                                      [](const Target& target, DType) {
                                        return target.slow_shared_memory && target.can_shuffle &&
                                               target.subgroup_size == 8;
                                      },
                                  .choose = choose,
                                  .candidates = candidates,
                                  .local_size = [](const MatmulTiles&) -> std::uint32_t { return 8; },
                                  .shared_bytes = [](const MatmulTiles&) -> std::uint32_t { return 0; },
                                  .a_slots = [](const MatmulTiles& tiles) { return tiles.rows / 8; },
                                  .b_slots =
                                      [](const MatmulTiles& tiles, const MatmulSizes& sizes) {
                                        return std::max(1u, tiles.columns / 32) * (sizes.b_along_k ? 4 : 1);
                                      },
                                  .define = define,
                                  .pairs_rows = true,
                                  .shares_dispatch = true};

}  // namespace hekla::vulkan
