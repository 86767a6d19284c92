// Tile sizes of matrix products: a tile is what one workgroup computes. The skeletons (shaders/matmul_*.comp)
// document what the numbers mean, and each family in matmul/ which of them it uses.
#pragma once

#include <cstdint>

namespace hekla::vulkan {

struct MatmulFamily;
extern const MatmulFamily tiled_matmul;

/// The shape of a matrix unit: one subgroup instruction multiplies rows x depth by depth x columns. Size 0:
/// no matrix unit.
struct MatrixUnit {
  uint32_t rows = 0;
  uint32_t columns = 0;
  uint32_t depth = 0;
  bool operator==(const MatrixUnit&) const = default;
};

struct MatmulSizes {
  uint64_t rows = 1;     // M
  uint64_t columns = 1;  // N
  uint64_t inner = 1;    // K
  uint64_t batches = 1;
  bool a_along_k = true;
  bool b_along_k = false;
  uint64_t stores = 1;  // written tensors
};

/// The tile of a workgroup: rows x columns for the shuffle family. The others add the depth of a block, and
/// the part of one invocation or the shape that a subgroup multiplies at once.
struct MatmulTiles {
  const MatmulFamily* family = &tiled_matmul;
  uint32_t rows = 32;           // ROWS or TILE_M
  uint32_t columns = 32;        // COLUMNS or TILE_N
  uint32_t depth = 16;          // TILE_K
  uint32_t thread_rows = 4;     // THREAD_M
  uint32_t thread_columns = 4;  // THREAD_N
  uint32_t slices = 1;          // SLICES, of the tiled family
  MatrixUnit unit = {};         // UNIT_M, UNIT_N, UNIT_K
  uint32_t lanes = 0;           // LANES
  bool operator==(const MatmulTiles&) const = default;
};

/// The device limits for tiles; the defaults are the minimum that Vulkan guarantees.
struct TileLimits {
  uint32_t compute_units =
      2;  // concurrent workgroups: the threads of a software device; an estimate suffices for a GPU
  uint32_t shared_bytes = 16384;
  uint32_t invocations = 128;
  MatrixUnit unit = {};  // cooperative: for the factors' dtype
  uint32_t subgroup_size = 1;
  bool persistent = false;        // shuffle: workgroups claim tiles dynamically; otherwise static assignment
  double expected_runs = 20'000;  // shuffle: of a kernel, which amortise its compiling
};

/// Whether a workgroup with these tiles fits the device limits.
bool fits(const MatmulTiles& tiles, const TileLimits& limits);

/// The number of workgroups that cover a product of these sizes.
uint64_t workgroups(const MatmulTiles& tiles, const MatmulSizes& sizes);

/// The workgroup size in invocations, and its shared memory in bytes.
uint32_t local_size(const MatmulTiles& tiles);
uint32_t shared_bytes(const MatmulTiles& tiles);

}  // namespace hekla::vulkan
