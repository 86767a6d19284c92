// Emitting a plan: its kernels as the shaders that compute them, in order.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "backends/vulkan/emit.h"

namespace hekla::vulkan {

/// The tiles of each kernel of a plan that is a product, where they are not those that its family
/// chooses.
using Tiles = std::span<const std::optional<MatmulTiles>>;

/// The kernels of a plan as shaders. Each computes one kernel, or several that share a dispatch
/// (persistent.h).
std::vector<EmittedKernel> emit_plan(const Plan& plan, const Target& target, Tiles tiles);

/// Before which of a plan's dispatches all earlier ones must be finished.
std::vector<bool> place_barriers(const Plan& plan, const std::vector<EmittedKernel>& dispatches);

}  // namespace hekla::vulkan
