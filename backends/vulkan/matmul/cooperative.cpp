// Matrix products of f16 and bf16 factors on the matrix units of a device (shaders/matmul_cooperative.comp).
#include <fmt/format.h>

#include <algorithm>

#include "backends/vulkan/emit.h"
#include "backends/vulkan/matmul_family.h"
#include "backends/vulkan/matrix_units.h"
#include "shaders/shaders.h"

namespace hekla::vulkan {

namespace {

constexpr std::uint32_t subgroups = 4;  // of a workgroup

MatmulTiles choose(const MatmulSizes& sizes, const TileLimits& limits) {
  const MatrixUnit& unit = limits.unit;
  MatmulTiles tiles{.family = &cooperative_matmul, .unit = unit, .lanes = limits.subgroup_size};
  // Deep blocks amortise the barriers between them.
  tiles.depth = unit.depth * std::max(1u, 32 / unit.depth);
  for (const uint32_t units : {4u, 2u, 1u}) {
    tiles.rows = 2 * units * unit.rows;
    tiles.columns = 2 * units * unit.columns;
    if (fits(tiles, limits) && (units == 1 || workgroups(tiles, sizes) >= limits.compute_units)) return tiles;
  }
  return tiled_matmul.choose(sizes, limits);  // no room for four subgroups
}

std::uint32_t invocations(const MatmulTiles& tiles) { return subgroups * tiles.lanes; }

std::uint32_t bytes(const MatmulTiles& tiles) {
  // Shared memory for the worse of the two layouts of a tile, the one with more padded lines.
  const auto padded = [&](uint32_t outer) {
    return 2 * tiles.depth * outer + 16 * std::max(outer, tiles.depth);
  };
  return padded(tiles.rows) + padded(tiles.columns) + 16 * tiles.unit.rows * tiles.unit.columns;
}

// The number of quads of a block that one invocation loads.
std::uint32_t slots(const MatmulTiles& tiles, std::uint32_t outer) {
  const std::uint32_t quads = outer * tiles.depth / 4;
  return (quads + invocations(tiles) - 1) / invocations(tiles);
}

void define(Definitions& definitions, const MatmulTiles& tiles, const MatmulSizes&, const Target& target,
            DType factors) {
  const MatrixForm form = target.matrix_units.form;
  definitions.extensions = matrix_extensions(form, factors);
  definitions.define("TILE_M", tiles.rows);
  definitions.define("TILE_N", tiles.columns);
  definitions.define("TILE_K", tiles.depth);
  definitions.define("KHR", std::string(form == MatrixForm::khr ? "1" : "0"));
  definitions.define("BF16", std::string(factors == DType::bf16 ? "1" : "0"));
  definitions.define("UNIT_M", tiles.unit.rows);
  definitions.define("UNIT_N", tiles.unit.columns);
  definitions.define("UNIT_K", tiles.unit.depth);
  definitions.define("LANES", tiles.lanes);
  const std::uint32_t units = tiles.rows * tiles.columns / (subgroups * tiles.unit.rows * tiles.unit.columns);
  std::string each_unit;
  for (std::uint32_t unit = 0; unit < units; ++unit) each_unit += fmt::format("f({}u) ", unit);
  definitions.define("EACH_UNIT(f)", each_unit);
}

}  // namespace

const MatmulFamily cooperative_matmul{
    .name = "cooperative",
    .priority = 2,
    .skeleton = [] { return shader_text("matmul_cooperative.comp"); },
    .supports = [](const Target& target, DType factors) { return target.matrix_units.of(factors).rows > 0; },
    .choose = choose,
    .local_size = invocations,
    .shared_bytes = bytes,
    .a_slots = [](const MatmulTiles& tiles) { return slots(tiles, tiles.rows); },
    .b_slots = [](const MatmulTiles& tiles, const MatmulSizes&) { return slots(tiles, tiles.columns); },
    .define = define};

}  // namespace hekla::vulkan
