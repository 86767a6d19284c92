// Code generation: emits a kernel as the text of a compute shader, a skeleton of shaders/ preceded by the
// generated hooks, and lists its bindings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backends/common/code.h"
#include "backends/vulkan/matmul_family.h"
#include "backends/vulkan/matmul_tiles.h"
#include "backends/vulkan/matrix_units.h"
#include "backends/vulkan/pipeline.h"
#include "graph/compiler/plan.h"

namespace hekla::vulkan {

// The emitter's input is the compiler's kernels.
using namespace compiler;
using namespace backend;

/// Code generation options of a device; profile.cpp sets them.
struct Target {
  bool texel_reads = false;               // read through texel buffers instead of storage buffers
  std::int64_t max_texels = 65536;        // maxTexelBufferElements; larger operands are storage buffers
  bool octet_stores = false;              // store eight contiguous elements at once, as four 64-bit words
  bool several_quads = false;             // invocations of short maps compute two or four contiguous quads
  bool keep_nan = false;                  // ask the driver to treat NaN, infinities and -0 as IEEE 754 does
  bool hide_zeros = false;                // the driver folds x * 0 to 0 for a constant 0, even for NaN
  bool own_special_values = false;        // emit own functions: the driver's lose NaN and infinities
  std::int64_t max_unrolled = INT64_MAX;  // iterations of a loop that the driver may unroll
  bool exact_arithmetic = false;          // forbid the driver to contract or reorder arithmetic (exact.h)
  const MatmulFamily* matmul = nullptr;   // of all products; null: the family that fits best (family_for)
  std::optional<MatmulTiles> tiles = {};  // of all products of their family, overriding its choice
  MatrixUnits matrix_units = {};          // for factors of 16 bits
  std::uint32_t reduce_lanes = 256;       // maximum invocations that fold (reduce) one item
  std::uint32_t fold_subgroup = 1;        // lanes that fold by subgroup shuffles; 1: none
  std::uint32_t local_size = 256;         // default workgroup size
  std::uint32_t compute_units = 64;       // that run workgroups concurrently: multiprocessors, threads
  std::uint32_t busy_invocations = 1024;  // of a compute unit, that keep it busy (occupancy)
  std::uint32_t max_group_quads =
      512;  // contiguous quads of a workgroup: longer ranges were slower to prefetch
  std::uint32_t shared_bytes = 16384;   // limit of shared memory of a workgroup
  std::uint32_t max_invocations = 128;  // of a workgroup
  std::uint32_t subgroup_size = 1;
  bool can_shuffle = false;         // between the lanes of a subgroup
  bool slow_shared_memory = false;  // it is emulated in plain memory, and barriers are costly
  bool persistent = false;          // small kernels share a dispatch; see persistent.h
  double expected_runs = 20'000;    // of a kernel, which amortise its compiling: some epochs
  bool unrolled_stores = true;      // a product's rows are stored by unrolled code
  std::uint32_t patience = 8000;    // persistent: how often a workgroup polls the progress counter, >= 1
  std::uint32_t max_buffers = 8, max_texel_buffers = 8;  // limits for one shader

  /// The device limits that the tiles of matrix products must respect.
  TileLimits tile_limits(DType factors) const {
    return {.compute_units = compute_units,
            .shared_bytes = shared_bytes,
            .invocations = max_invocations,
            .unit = matrix_units.of(factors),
            .subgroup_size = subgroup_size,
            .persistent = persistent,
            .expected_runs = expected_runs};
  }
};

struct EmittedBinding {
  int slot;  // or progress_slot
  BindingKind kind;
  VkFormat format;         // of a texel buffer
  std::int64_t bytes = 0;  // range from the slot's start, when larger than the slot

  bool operator==(const EmittedBinding&) const = default;
};

/// A shader and its dispatch size: one kernel of a plan, or several consecutive ones (persistent.h).
struct EmittedKernel {
  std::string label;
  std::string glsl;
  std::vector<EmittedBinding> bindings;
  std::uint64_t workgroups = 0;
  std::size_t kernels = 1;  // of the plan
  SourceMap source_map = {};
  int loops = 0;  // around it; see head_of
};

/// The main() of a shader whose text defines `void run(uint group)`: each workgroup runs its own group.
std::string one_group_each(std::uint32_t local_size);

/// The slot number of the progress counter buffer, in a dispatch of several kernels.
constexpr int progress_slot = -1;

/// The sizes (M, N, K, batches) of a matrix product kernel.
MatmulSizes sizes_of(const Kernel& kernel);

/// Emits one kernel. `tiles`, if given, override the choice of a matrix product's family.
EmittedKernel emit(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target,
                   const std::optional<MatmulTiles>& tiles = std::nullopt);

}  // namespace hekla::vulkan
