// Persistent workgroups: consecutive kernels of a plan in one dispatch, on devices on which a dispatch costs
// more than a small kernel. How the workgroups share the work stands in shaders/persistent.comp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "backends/vulkan/emit.h"

namespace hekla::vulkan {

/// The kernels of a plan as the shaders that compute them, in order. `tiles` has an entry for each kernel.
std::vector<EmittedKernel> emit_plan(const Plan& plan, const Target& target,
                                     std::span<const std::optional<MatmulTiles>> tiles);

/// Before which of a plan's dispatches all earlier ones must be finished.
std::vector<bool> place_barriers(const Plan& plan, const std::vector<EmittedKernel>& dispatches);

/// Bytes of what one dispatch of several kernels counts its progress in; zero before it and after.
constexpr std::size_t progress_bytes = 256;

}  // namespace hekla::vulkan
