// MatmulFamily: one algorithm for matrix products on a class of devices, as data. Each family is a file in
// matmul/ and a skeleton in shaders/. To add one, add these two files; the build finds them. It is called
// NAME_matmul in matmul/NAME.cpp.
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

/// The preamble of a skeleton: extensions and macros, which carry the kernel's prefix (`$`, see shaders.h).
struct Definitions {
  std::string extensions;  // besides those of every shader
  std::string text;

  void define(std::string_view name, std::uint64_t value);  // as a uint literal
  void define(std::string_view name, const std::string& value);
};

struct MatmulFamily {
  std::string_view name;
  int priority = 1;  // the supported family of the highest priority is used; tiled has 0
  std::string_view (*skeleton)() = nullptr;

  /// Whether a device supports this family for factors of this dtype.
  bool (*supports)(const Target& target, DType factors) = nullptr;
  /// The tiles for a product of these sizes, which may belong to another family when these do not fit the
  /// device.
  MatmulTiles (*choose)(const MatmulSizes& sizes, const TileLimits& limits) = nullptr;
  /// All tiles that choose() may return, for the tuner to time; null: no alternatives.
  std::vector<MatmulTiles> (*candidates)(const TileLimits& limits) = nullptr;

  /// The workgroup size in invocations, and its shared memory in bytes.
  std::uint32_t (*local_size)(const MatmulTiles& tiles) = nullptr;
  std::uint32_t (*shared_bytes)(const MatmulTiles& tiles) = nullptr;
  /// The rows and columns that one invocation prepares to load (A_SLOTS and B_SLOTS).
  std::uint32_t (*a_slots)(const MatmulTiles& tiles) = nullptr;
  std::uint32_t (*b_slots)(const MatmulTiles& tiles, const MatmulSizes& sizes) = nullptr;
  /// Defines the macros of the skeleton besides M, N, K, BATCHES, A_ALONG_K, B_ALONG_K, A_SLOTS and B_SLOTS.
  void (*define)(Definitions& definitions, const MatmulTiles& tiles, const MatmulSizes& sizes,
                 const Target& target, DType factors) = nullptr;

  bool pairs_rows = false;       // the skeleton has store_pair besides store
  bool shares_dispatch = false;  // its workgroups are those of persistent.comp
};

/// The built-in families.
extern const MatmulFamily shuffle_matmul, tiled_matmul, cooperative_matmul;
std::span<const MatmulFamily* const> matmul_families();

/// The family used for factors of this dtype: Target::matmul, or the supported one of the highest priority.
const MatmulFamily& family_for(const Target& target, DType factors);

}  // namespace hekla::vulkan
