// Emitting: a kernel as the text of a compute shader, a skeleton of shaders/ with the generated hooks before
// it, and what has to be bound to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backends/vulkan/matmul_family.h"
#include "backends/vulkan/matmul_tiles.h"
#include "backends/vulkan/matrix_units.h"
#include "backends/vulkan/pipeline.h"
#include "graph/compiler/plan.h"

namespace hekla::vulkan {

// What is emitted are the compiler's kernels.
using namespace compiler;

/// How a device wants its kernels printed; profile.cpp decides it.
struct Target {
  bool texel_reads = false;         // read through texel buffers instead of storage buffers
  std::int64_t max_texels = 65536;  // maxTexelBufferElements; larger operands are storage buffers
  bool octet_stores = false;        // write eight elements at once, as four 64-bit words, where they lie so
  bool several_quads = false;       // invocations of short maps take two or four neighbouring quads
  bool keep_nan = false;            // ask the driver to treat NaN, infinities and -0 as IEEE 754 does
  bool hide_zeros = false;          // the driver makes 0 of a product with a 0 that it sees, NaN or not
  bool own_special_values = false;  // the driver's functions lose NaN and infinities
  std::int64_t max_unrolled = INT64_MAX;  // iterations of a loop that the driver may unroll
  bool exact_arithmetic = false;          // forbid the driver to contract or reorder arithmetic (exact.h)
  const MatmulFamily* matmul = nullptr;   // of all products; null: the family that fits best (family_for)
  std::optional<MatmulTiles> tiles = {};  // of all products of their family, instead of what it chooses
  MatrixUnits matrix_units = {};          // for factors of 16 bits
  std::uint32_t reduce_lanes = 256;       // invocations that fold together at most
  std::uint32_t fold_subgroup = 1;        // lanes that fold by shuffles; 1: they do not
  std::uint32_t local_size = 256;         // invocations of a workgroup where nothing else decides
  std::uint32_t units = 64;               // workgroups that should be there to keep the device busy
  std::uint32_t shared_bytes = 16384;     // of shared memory of a workgroup
  std::uint32_t max_invocations = 128;    // of a workgroup
  std::uint32_t subgroup_size = 1;
  bool can_shuffle = false;         // between the lanes of a subgroup
  bool slow_shared_memory = false;  // it is plain memory, and barriers are costly
  bool persistent = false;          // small kernels share a dispatch; see persistent.h
  std::uint32_t patience = 8000;    // there: how often a workgroup looks whether it may go on, at least once
  std::uint32_t max_buffers = 8, max_texel_buffers = 8;  // bound to one shader

  /// What the tiles of products have to respect.
  TileLimits tile_limits(DType factors) const {
    return {.units = units,
            .shared_bytes = shared_bytes,
            .invocations = max_invocations,
            .unit = matrix_units.of(factors),
            .subgroup_size = subgroup_size,
            .persistent = persistent};
  }
};

struct EmittedBinding {
  int slot;  // or progress_slot
  BindingKind kind;
  VkFormat format;         // of a texel buffer
  std::int64_t bytes = 0;  // from the slot's start, where more is bound than the slot

  bool operator==(const EmittedBinding&) const = default;
};

/// A shader and how it is dispatched: one kernel of a plan, or several that follow each other (persistent.h).
struct EmittedKernel {
  std::string label;
  std::string glsl;
  std::vector<EmittedBinding> bindings;
  std::uint64_t workgroups = 0;
  std::size_t kernels = 1;  // of the plan
};

/// The end of a shader whose text defines `void run(uint group)`: as many workgroups call it, each for its
/// own.
std::string one_group_each(std::uint32_t local_size);

/// The slot of a binding that counts the progress of a dispatch of several kernels.
constexpr int progress_slot = -1;

/// The sizes of a matrix product's kernel.
MatmulSizes sizes_of(const Kernel& kernel);

/// `tiles`, if given, are taken for a matrix product instead of what its family chooses.
EmittedKernel emit(const Kernel& kernel, const std::vector<Slot>& slots, const Target& target,
                   const std::optional<MatmulTiles>& tiles = std::nullopt);

}  // namespace hekla::vulkan
