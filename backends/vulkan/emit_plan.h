// Code generation for a plan: emits its kernels as compute shaders, in order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "backends/vulkan/emit.h"

namespace hekla::vulkan {

/// The tiles of each matrix product kernel of a plan, where they override its family's choice.
using Tiles = std::span<const std::optional<MatmulTiles>>;

/// The target for kernels that may run a few times only: they compile more quickly and run more slowly.
Target for_few_runs(const Target& target);

/// The kernels of a plan as shaders. Each computes one kernel, or several that share a dispatch
/// (persistent.h).
std::vector<EmittedKernel> emit_plan(const Plan& plan, const Target& target, Tiles tiles);

/// The SPIR-V of an emitted kernel. `was_cached`: see compile_glsl.
std::vector<std::uint32_t> compile(const EmittedKernel& kernel, const Target& target,
                                   bool* was_cached = nullptr);

/// Barrier placement: for each dispatch of a plan, whether a barrier must precede it.
std::vector<bool> place_barriers(const Plan& plan, const std::vector<EmittedKernel>& dispatches);

}  // namespace hekla::vulkan
