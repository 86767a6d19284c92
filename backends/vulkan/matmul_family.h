// MatmulFamily: one way of computing matrix products on a class of devices, as data. Each family is a file of
// matmul/ beside its skeleton in shaders/. A new one is two new files, which the build finds; it is called NAME_matmul in
// matmul/NAME.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/vulkan/matmul_tiles.h"
#include "graph/dtype.h"

namespace hekla::vulkan {

struct Target;

/// What stands before a skeleton: extensions and macros, which have the kernel's prefix (`$`, see shaders.h).
struct Definitions {
  std::string extensions;  // beside those of every shader
  std::string text;

  void define(std::string_view name, std::uint64_t value);  // as a uint literal
  void define(std::string_view name, const std::string& value);
};

struct MatmulFamily {
  std::string_view name;
  int priority = 1;  // of the families that a device supports, the one of the highest multiplies; tiled has 0
  std::string_view (*skeleton)() = nullptr;

  /// Whether a device can multiply factors of this dtype so.
  bool (*supports)(const Target& target, DType factors) = nullptr;
  /// The tiles for a product of these sizes, which may be another family's where these have no room.
  MatmulTiles (*choose)(const MatmulSizes& sizes, const TileLimits& limits) = nullptr;
  /// All that choose() may choose from, for the tuner to time; null: there is no choice.
  std::vector<MatmulTiles> (*candidates)(const TileLimits& limits) = nullptr;

  /// Invocations of a workgroup, and bytes of shared memory.
  std::uint32_t (*local_size)(const MatmulTiles& tiles) = nullptr;
  std::uint32_t (*shared_bytes)(const MatmulTiles& tiles) = nullptr;
  /// How many rows and columns an invocation prepares to load (A_SLOTS and B_SLOTS).
  std::uint32_t (*a_slots)(const MatmulTiles& tiles) = nullptr;
  std::uint32_t (*b_slots)(const MatmulTiles& tiles, const MatmulSizes& sizes) = nullptr;
  /// The macros of the skeleton beside M, N, K, BATCHES, A_ALONG_K, B_ALONG_K, A_SLOTS and B_SLOTS.
  void (*define)(Definitions& definitions, const MatmulTiles& tiles, const MatmulSizes& sizes,
                 const Target& target, DType factors) = nullptr;

  bool pairs_rows = false;       // the skeleton has store_pair beside store
  bool shares_dispatch = false;  // its workgroups are those of persistent.comp
};

/// The built-in families.
extern const MatmulFamily shuffle_matmul, tiled_matmul, cooperative_matmul;
std::span<const MatmulFamily* const> matmul_families();

/// The family that multiplies factors of this dtype: Target::matmul, or the supported one of the highest
/// priority.
const MatmulFamily& family_for(const Target& target, DType factors);

}  // namespace hekla::vulkan
